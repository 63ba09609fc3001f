import type { Pod } from "@tskube/api";

type Status = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number];

/** The one word for what a pod is doing, as the STATUS column gives it. */
export function podReason(pod: Pod): string {
  const { status } = pod;
  let reason = status?.reason || status?.phase || "";
  if (isGated(pod)) reason = "SchedulingGated";
  const initializing = initReason(pod);
  if (initializing === undefined || isInitializedCondition(pod)) reason = containersReason(pod, reason);
  else reason = initializing;
  if (pod.metadata.deletionTimestamp) return terminatingReason(pod, reason);
  return reason;
}

function isGated({ status }: Pod): boolean {
  const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
  return condition?.reason === "SchedulingGated";
}

function isInitializedCondition({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Initialized" && value === "True") === true;
}

/** What the first init container that is not done is doing; undefined when all are. */
function initReason({ spec, status }: Pod): string | undefined {
  const containers = spec.initContainers ?? [];
  const sidecars = new Set(containers.filter((one) => one.restartPolicy === "Always").map((one) => one.name));
  const statuses = status?.initContainerStatuses ?? [];
  for (const [index, container] of statuses.entries()) {
    const { state } = container;
    if (state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started) continue;
    if (state?.terminated) return `Init:${terminatedReason(container)}`;
    const waiting = state?.waiting?.reason;
    if (waiting && waiting !== "PodInitializing") return `Init:${waiting}`;
    return `Init:${index}/${containers.length}`;
  }
  return undefined;
}

function containersReason({ status }: Pod, otherwise: string): string {
  let reason = otherwise;
  let hasRunning = false;
  // From the last to the first, so that the first container has the last word.
  for (const container of [...(status?.containerStatuses ?? [])].reverse()) {
    const { state } = container;
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = terminatedReason(container);
    else if (container.ready && state?.running) hasRunning = true;
  }
  if (reason !== "Completed" || !hasRunning) return reason;
  const isReady = status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
  return isReady ? "Running" : "NotReady";
}

function terminatedReason({ state }: Status): string {
  const terminated = state?.terminated;
  if (terminated?.reason) return terminated.reason;
  return terminated?.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated?.exitCode ?? 0}`;
}

function terminatingReason({ status }: Pod, reason: string): string {
  if (status?.reason === "NodeLost") return "Unknown";
  const isOver = status?.phase === "Failed" || status?.phase === "Succeeded";
  return isOver ? reason : "Terminating";
}
