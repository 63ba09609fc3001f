import type { ContainerStatus, Pod } from "@tskube/api";
import { isRestartableInit } from "../pods/containers.ts";
import { mayRestartAfter } from "../pods/restart-policy.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";

export interface PhaseInputs {
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** All containers have been stopped for good. */
  readonly isTerminal: boolean;
}

/** The one word for where a pod is in its life, from the states of its containers. */
export function podPhase(pod: Pod, { initStatuses, statuses, isTerminal }: PhaseInputs): PodPhase {
  const init = tallyInit(pod, initStatuses);
  const regular = tallyRegular(pod, statuses);
  if (init.failed > 0 && pod.spec.restartPolicy === "Never") return "Failed";
  if (isTerminal) return endedPhase(init.failed, init.pending, regular);
  if (init.pending > 0 && regular.started === 0) return "Pending";
  if (regular.waiting > 0 || regular.unknown > 0) return "Pending";
  if (regular.running > 0) return "Running";
  if (regular.stopped === 0) return "Pending";
  // Sidecars are stopped after the last regular container; until then the pod still runs.
  if (regular.mayRestart > 0 || init.sidecarsRunning > 0) return "Running";
  return regular.succeeded === regular.stopped ? "Succeeded" : "Failed";
}

interface InitTally {
  readonly pending: number;
  readonly failed: number;
  readonly sidecarsRunning: number;
}

function tallyInit(pod: Pod, statuses: readonly ContainerStatus[]): InitTally {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  let pending = 0;
  let failed = 0;
  let sidecarsRunning = 0;
  for (const container of pod.spec.initContainers ?? []) {
    const status = byName.get(container.name);
    if (isRestartableInit(container)) {
      if (status?.state?.running) sidecarsRunning++;
      if (!status?.started && !status?.state?.terminated) pending++;
      continue;
    }
    const ended = status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined);
    if (!ended) pending++;
    else if (ended.exitCode !== 0) failed++;
  }
  return { pending: pending + failed, failed, sidecarsRunning };
}

interface RegularTally {
  readonly unknown: number;
  readonly waiting: number;
  readonly running: number;
  readonly stopped: number;
  readonly succeeded: number;
  /** Stopped ones that their policy brings back. */
  readonly mayRestart: number;
  /** Those that have run at some time. */
  readonly started: number;
}

function tallyRegular(pod: Pod, statuses: readonly ContainerStatus[]): RegularTally {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  const tally = { unknown: 0, waiting: 0, running: 0, stopped: 0, succeeded: 0, mayRestart: 0, started: 0 };
  for (const container of pod.spec.containers ?? []) {
    const state = byName.get(container.name)?.state;
    const ended = state?.terminated ?? (state?.waiting ? byName.get(container.name)?.lastState?.terminated : undefined);
    if (state?.running) tally.running++;
    else if (ended) {
      tally.stopped++;
      if (ended.exitCode === 0) tally.succeeded++;
      if (state?.waiting || mayRestartAfter(pod, container, ended.exitCode)) tally.mayRestart++;
    } else if (state?.waiting) tally.waiting++;
    else tally.unknown++;
  }
  return { ...tally, started: tally.running + tally.stopped };
}

/** A pod that was stopped before all it was meant to do was done has failed. */
function endedPhase(initFailed: number, initPending: number, regular: RegularTally): PodPhase {
  const total = regular.unknown + regular.waiting + regular.running + regular.stopped;
  const isComplete = initFailed === 0 && (initPending === 0 || regular.started > 0) && regular.succeeded === total;
  return isComplete ? "Succeeded" : "Failed";
}
