/** How much of a request is recorded, the least first. */
export const levels = ["None", "Metadata", "Request", "RequestResponse"] as const;
export type Level = (typeof levels)[number];

/** When in a request's life an event is made. */
export const stages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;
export type Stage = (typeof stages)[number];

export interface GroupResources {
  readonly group: string;
  /** `pods`, `pods/log`, `pods/*`, `*`, or `*` before a slash and a subresource; empty for all of the group. */
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

/** One rule of a policy; empty lists match everything. */
export interface PolicyRule {
  readonly level: Level;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly GroupResources[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly Stage[];
  /** Absent: what the policy says. */
  readonly omitManagedFields: boolean | undefined;
}

/** Policy of audit.k8s.io/v1: the first rule that matches a request decides about it. */
export interface Policy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages: readonly Stage[];
  readonly omitManagedFields: boolean;
}

/** Whether `level` records at least what `wanted` does. */
export function reaches(level: Level, wanted: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(wanted);
}
