import type { Namespace, NamespaceCondition } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { withCondition } from "../../objects/meta.ts";

/** What a pass over a namespace's content came to. */
export interface Content {
  /** Groups that could not be asked for their resources. */
  readonly failedGroups: readonly string[];
  /** What deleting failed with. */
  readonly errors: readonly string[];
  /** Objects left, by resource: `pods.` → 2. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Finalizers of objects left: name → how many have it. */
  readonly finalizers: ReadonlyMap<string, number>;
}

export function isGone({ failedGroups, errors, remaining }: Content): boolean {
  return failedGroups.length === 0 && errors.length === 0 && remaining.size === 0;
}

/** The conditions of a namespace that is being deleted: why it is still there. */
export function contentConditions(
  namespace: Namespace,
  content: Content,
  nowMs: number,
): readonly NamespaceCondition[] {
  let conditions: readonly NamespaceCondition[] = namespace.status?.conditions ?? [];
  for (const condition of judge(content)) {
    const old = conditions.find(({ type }) => type === condition.type);
    const { lastTransitionTime: _, ...rest } = old ?? {};
    if (!deepEqual(rest, condition)) conditions = withCondition(conditions, condition, nowMs);
  }
  return conditions;
}

function judge({ failedGroups, errors, remaining, finalizers }: Content): NamespaceCondition[] {
  const condition = (type: string, bad: readonly [string, string] | undefined, good: readonly [string, string]) => {
    const [reason, message] = bad ?? good;
    return { type, status: bad ? "True" : "False", reason, message };
  };
  return [
    condition(
      "NamespaceDeletionDiscoveryFailure",
      failedGroups.length > 0
        ? [
            "DiscoveryFailed",
            `Discovery failed for some groups, ${failedGroups.length} failing: ${failedGroups.join(", ")}`,
          ]
        : undefined,
      ["ResourcesDiscovered", "All resources successfully discovered"],
    ),
    condition("NamespaceDeletionGroupVersionParsingFailure", undefined, [
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ]),
    condition(
      "NamespaceDeletionContentFailure",
      errors.length > 0
        ? [
            "ContentDeletionFailed",
            `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(", ")}`,
          ]
        : undefined,
      ["ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
    ),
    condition(
      "NamespaceContentRemaining",
      remaining.size > 0
        ? [
            "SomeResourcesRemain",
            `Some resources are remaining: ${listed(remaining, (name, n) => `${name} has ${n} resource instances`)}`,
          ]
        : undefined,
      ["ContentRemoved", "All content successfully removed"],
    ),
    condition(
      "NamespaceFinalizersRemaining",
      finalizers.size > 0
        ? [
            "SomeFinalizersRemain",
            `Some content in the namespace has finalizers remaining: ${listed(finalizers, (name, n) => `${name} in ${n} resource instances`)}`,
          ]
        : undefined,
      ["ContentHasNoFinalizers", "All content-preserving finalizers finished"],
    ),
  ];
}

function listed(counts: ReadonlyMap<string, number>, say: (name: string, count: number) => string): string {
  return [...counts]
    .map(([name, count]) => say(name, count))
    .sort()
    .join(", ");
}
