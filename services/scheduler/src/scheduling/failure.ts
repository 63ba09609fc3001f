import type { Pod } from "@tskube/api";
import { formatTime, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import type { Client, EventRecorder, Lister } from "@tskube/client";
import { podInfoOf } from "../framework/pod-info.ts";
import type { QueuedPod } from "../framework/queued-pod.ts";
import { isRejected, messageOf, type Status } from "../framework/status.ts";
import type { SchedulingQueue } from "../queue/scheduling-queue.ts";

export interface FailureDeps {
  readonly client: Client;
  readonly pods: Lister<Pod>;
  readonly queue: SchedulingQueue;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface FailedAttempt {
  readonly queued: QueuedPod;
  readonly status: Status;
  /** The plugins to wait for; empty when something broke. */
  readonly rejectedBy: Iterable<string>;
  readonly pendingOn: Iterable<string>;
  /** The node to nominate; empty clears, absent leaves. */
  readonly nominatedNode: string | undefined;
}

/** Gives a pod that was not placed back to the queue, and says why: in an event and in its PodScheduled condition. */
export async function handleFailure(attempt: FailedAttempt, deps: FailureDeps, signal: AbortSignal): Promise<void> {
  const { queued, status } = attempt;
  const { info } = queued;
  const message = messageOf(status);
  replace(queued.rejectedBy, attempt.rejectedBy);
  replace(queued.pendingOn, attempt.pendingOn);

  const current = deps.pods.get(info.key);
  if (!current || current.metadata.uid !== info.uid || current.spec?.nodeName) {
    deps.queue.done(info.uid);
    return;
  }
  const currentInfo = podInfoOf(current);
  if (attempt.nominatedNode !== undefined) deps.queue.nominator.set(currentInfo, attempt.nominatedNode);
  deps.queue.giveBack(queued, currentInfo);
  deps.events.warn(current, "FailedScheduling", message);
  const reason = isRejected(status) ? "Unschedulable" : "SchedulerError";
  if (reason === "SchedulerError") deps.logger.error({ pod: info.key, error: message }, "cannot schedule pod");
  await writeCondition(current, reason, message, attempt.nominatedNode, deps, signal);
}

async function writeCondition(
  pod: Pod,
  reason: string,
  message: string,
  nominatedNode: string | undefined,
  deps: FailureDeps,
  signal: AbortSignal,
): Promise<void> {
  const old = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  const isSame = old?.status === "False" && old.reason === reason && old.message === message;
  const isNominated = nominatedNode === undefined || nominatedNode === (pod.status?.nominatedNodeName ?? "");
  if (isSame && isNominated) return;
  const { namespace = "", name, uid, generation } = pod.metadata;
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason,
    message,
    lastProbeTime: null,
    lastTransitionTime: old?.status === "False" ? old.lastTransitionTime : formatTime(deps.clock.now()),
    ...(generation && { observedGeneration: generation }),
  };
  const patch = {
    metadata: { uid },
    status: {
      conditions: [condition],
      ...(nominatedNode !== undefined && { nominatedNodeName: nominatedNode || null }),
    },
  };
  try {
    await deps.client.pods(namespace).patchStatus(name, patch, { signal });
  } catch (error) {
    if (!isNotFound(error) && !signal.aborted)
      deps.logger.warn({ pod: `${namespace}/${name}`, error: errorMessage(error) }, "cannot write the pod's condition");
  }
}

function replace(set: Set<string>, values: Iterable<string>): void {
  const kept = [...values];
  set.clear();
  for (const value of kept) set.add(value);
}
