/** A JSON value as Go prints maps and slices, which upstream shows strategic merge patches as: `map[spec:map[replicas:2]]`. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (value === null || value === undefined) return "<nil>";
  if (typeof value !== "object") return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([name, one]) => `${name}:${goText(one)}`).join(" ")}]`;
}
