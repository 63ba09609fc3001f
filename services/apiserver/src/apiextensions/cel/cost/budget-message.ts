/** The most that one expression may cost by its estimate, and all of a schema together. */
export const expressionLimit = 10_000_000;
export const schemaLimit = 100_000_000;

/** What upstream says of an estimate over its limit. */
export function overBudget(what: string, cost: number, limit: number): string {
  const times = cost / limit;
  // Just over the limit, one digit would say "1.0x".
  const factor = times > 100 ? "more than 100x" : `${times.toFixed(times < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
