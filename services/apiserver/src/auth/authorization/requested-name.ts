import type { Attributes } from "../authorizer.ts";

/**
 * The one object that a request can concern: its name, or for collections the name that a field selector pins,
 * so that a rule with resourceNames also permits list and watch of just that object.
 */
export function requestedName(attributes: Attributes): string {
  if (attributes.name || !attributes.fieldSelector) return attributes.name;
  return pinnedField(attributes.fieldSelector, "metadata.name") ?? "";
}

/** The value that `field` must equal for `selector` to match, if the selector says so. */
export function pinnedField(selector: string, field: string): string | undefined {
  for (const term of selector.split(",")) {
    const match = /^([^=!]+)==?([^=]*)$/.exec(term);
    if (match?.[1] === field) return match[2];
  }
  return undefined;
}
