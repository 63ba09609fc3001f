import { parseFieldSelector } from "@tskube/apimachinery";

/**
 * The value that `field` must equal for a field selector to match, if the selector says so. Read by the parser that lists use: what a rough look takes for
 * a term may be the end of an escaped value, and would let somebody list everything by naming the one thing allowed.
 */
export function pinnedField(selector: string | undefined, field: string): string | undefined {
  if (!selector) return undefined;
  try {
    return parseFieldSelector(selector).exactValue(field);
  } catch {
    return undefined; // the list itself refuses the selector
  }
}
