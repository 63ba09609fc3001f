import { percentErrors } from "../validation/texts.ts";

/** A number, or text such as `25%` or a port's name. */
export type IntOrString = number | string;

/**
 * The number that `value` means of `total`: itself, or its percentage of `total` rounded up or down.
 * Throws a plain error on text that is no percentage.
 */
export function getScaledValue(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === "number") return value;
  if (percentErrors(value).length > 0) throw new Error(invalidMessage(value));
  const scaled = Number(value.slice(0, -1)) * total;
  return roundUp ? Math.ceil(scaled / 100) : Math.floor(scaled / 100);
}

function invalidMessage(value: string): string {
  const why = value.endsWith("%")
    ? `invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`
    : "invalid type: string is not a percentage";
  return `invalid value for IntOrString: ${why}`;
}

export function isPercent(value: IntOrString): boolean {
  return typeof value === "string" && percentErrors(value).length === 0;
}
