import type { Container, Pod } from "@tskube/api";
import { latestContainer, type RuntimePod } from "../runtime/model.ts";
import { isRestartableInit } from "./containers.ts";
import { type ContainerKill, killReason, lostContainer, type ProbeFindings } from "./kill-reason.ts";
import { mayRestartAfter } from "./restart-policy.ts";

export interface InitPlan {
  /** Regular containers may start. */
  readonly isComplete: boolean;
  /** An init container failed and must not be tried again: the pod has failed. */
  readonly hasFailed: boolean;
  readonly start: number[];
  readonly kill: ContainerKill[];
}

/**
 * Init containers run one after another. The one furthest on decides what comes next; sidecars before it only have to be alive, for they
 * have let their successors start already.
 */
export function planInitContainers(pod: Pod, runtime: RuntimePod, probes: ProbeFindings): InitPlan {
  const inits = pod.spec.initContainers ?? [];
  const start: number[] = [];
  const kill: ContainerKill[] = [];
  const hasRegular = (pod.spec.containers ?? []).some(({ name }) => latestContainer(runtime, name) !== undefined);
  const furthest = hasRegular
    ? inits.length
    : inits.findLastIndex(({ name }) => latestContainer(runtime, name) !== undefined);

  for (const [index, container] of inits.entries()) {
    if (index < furthest && isRestartableInit(container))
      keepAlive(pod, container, index, runtime, probes, { start, kill });
  }
  if (hasRegular || inits.length === 0) return { isComplete: true, hasFailed: false, start, kill };

  const progress =
    furthest < 0
      ? "not-yet"
      : progressOf(pod, inits[furthest] as Container, furthest, runtime, probes, { start, kill });
  if (progress === "failed") return { isComplete: false, hasFailed: true, start: [], kill: [] };
  if (progress === "waiting") return { isComplete: false, hasFailed: false, start, kill };
  const next = furthest + 1;
  if (next < inits.length) start.push(next);
  return { isComplete: next === inits.length, hasFailed: false, start, kill };
}

interface Acts {
  readonly start: number[];
  readonly kill: ContainerKill[];
}

/** Where the furthest init container stands; adds what it needs to `acts`. */
function progressOf(
  pod: Pod,
  container: Container,
  index: number,
  runtime: RuntimePod,
  probes: ProbeFindings,
  acts: Acts,
): "done" | "waiting" | "failed" {
  if (isRestartableInit(container)) return keepAlive(pod, container, index, runtime, probes, acts) ? "done" : "waiting";
  const latest = latestContainer(runtime, container.name);
  if (latest?.state === "running") return "waiting";
  if (latest?.state === "exited") {
    if (latest.exitCode === 0) return "done";
    if (!mayRestartAfter(pod, container, latest.exitCode, "init")) return "failed";
  }
  if (latest?.state === "unknown") acts.kill.push(lostContainer(container, latest));
  acts.start.push(index);
  return "waiting";
}

/** Restarts a sidecar that ended or failed its probes. Returns whether it is up and has started. */
function keepAlive(
  pod: Pod,
  container: Container,
  index: number,
  runtime: RuntimePod,
  probes: ProbeFindings,
  acts: Acts,
): boolean {
  const latest = latestContainer(runtime, container.name);
  if (latest?.state === "running") {
    const reason = killReason(pod, container, latest, probes);
    if (!reason) return probes.isStarted(container, latest.id);
    acts.kill.push(reason);
  } else if (latest?.state === "unknown") {
    acts.kill.push(lostContainer(container, latest));
  }
  acts.start.push(index);
  return false;
}
