import type { Job, Pod, PodFailurePolicyRule } from "@tskube/api";

export interface Verdict {
  readonly action: "FailJob" | "FailIndex" | "Ignore" | "Count";
  /** Why, as the job's conditions tell it. */
  readonly message: string;
}

/** What the first rule that fits says of a failed pod; without one it counts against the limit. */
export function judge({ spec }: Job, pod: Pod): Verdict {
  if (pod.status?.phase === "Failed") {
    for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
      const message = matchExitCodes(rule, pod, index) ?? matchConditions(rule, pod, index);
      if (message) return { action: rule.action as Verdict["action"], message };
    }
  }
  return { action: "Count", message: "" };
}

function matchExitCodes({ action, onExitCodes }: PodFailurePolicyRule, pod: Pod, index: number): string | undefined {
  if (!onExitCodes) return undefined;
  const { containerName, operator, values } = onExitCodes;
  for (const { name, state } of [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ]) {
    const code = state?.terminated?.exitCode;
    if (!code || (containerName !== undefined && containerName !== name)) continue; // zero is no failure to match
    if (values.includes(code) === (operator === "In"))
      return `Container ${name} for pod ${called(pod)} failed with exit code ${code} matching ${action} rule at index ${index}`;
  }
  return undefined;
}

function matchConditions(
  { action, onPodConditions }: PodFailurePolicyRule,
  pod: Pod,
  index: number,
): string | undefined {
  for (const { type, status } of onPodConditions ?? []) {
    if (pod.status?.conditions?.some((one) => one.type === type && one.status === status))
      return `Pod ${called(pod)} has condition ${type} matching ${action} rule at index ${index}`;
  }
  return undefined;
}

function called({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
