import { forbidden, type StatusError } from "@tskube/apimachinery";
import type { AdmissionAttributes } from "./plugin.ts";

/** The 403 of a plugin that refuses a write; an object that is still to be named is called by its generateName. */
export function refuse(attributes: AdmissionAttributes, why: string): StatusError {
  const metadata = attributes.object?.metadata;
  const name = attributes.name || metadata?.name || metadata?.generateName || "Unknown";
  return forbidden({ group: attributes.group, resource: attributes.resource }, name, why);
}

/** Several reasons as one: alone as it is, more in brackets. */
export function joinReasons(reasons: readonly string[]): string {
  return reasons.length === 1 ? (reasons[0] ?? "") : `[${reasons.join(", ")}]`;
}
