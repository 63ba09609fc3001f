import type { Container, Pod } from "@tskube/api";
import { latestContainer, type RuntimePod, type RuntimeSandbox } from "../runtime/model.ts";
import { asContainer } from "./containers.ts";
import { type ContainerKill, killReason, lostContainer, type ProbeFindings } from "./kill-reason.ts";
import { planInitContainers } from "./plan-init.ts";
import { mayRestartAfter, restartsWhenStopped, shouldStart } from "./restart-policy.ts";

/** What one round does for a pod. A plan with nothing in it means that the pod is as it should be. */
export interface PodPlan {
  /** Stop everything of the pod: its sandbox is of no use any more, or all its containers have ended for good. */
  readonly killPod: boolean;
  /** A new sandbox is needed before anything starts. */
  readonly sandbox?: { readonly attempt: number };
  /** The sandbox in use; absent when one is to be made. */
  readonly sandboxId?: string;
  readonly kill: readonly ContainerKill[];
  /** Indexes into the pod's lists. */
  readonly startInit: readonly number[];
  readonly start: readonly number[];
  readonly startEphemeral: readonly number[];
}

/** Whether a plan changes nothing. */
export function isEmptyPlan(plan: PodPlan): boolean {
  const starts = plan.startInit.length + plan.start.length + plan.startEphemeral.length;
  return !plan.killPod && !plan.sandbox && plan.kill.length + starts === 0;
}

const nothing = { kill: [], startInit: [], start: [], startEphemeral: [] } as const;

/** Decides what to do for a pod that should run. Pure: the same spec and the same runtime state give the same plan. */
export function planPod(pod: Pod, runtime: RuntimePod, probes: ProbeFindings): PodPlan {
  const need = sandboxNeed(pod, runtime);
  if (need) return planNewSandbox(pod, runtime, need.attempt);

  const sandbox = runtime.sandboxes[0] as RuntimeSandbox;
  const inSandbox = activeContainers(runtime, sandbox.id);
  const init = planInitContainers(pod, inSandbox, probes);
  const startEphemeral = planEphemeral(pod, inSandbox);
  if (init.hasFailed) return { ...nothing, killPod: true, sandboxId: sandbox.id };
  if (!init.isComplete) {
    return { killPod: false, sandboxId: sandbox.id, kill: init.kill, startInit: init.start, start: [], startEphemeral };
  }
  const regular = planRegular(pod, inSandbox, probes);
  if (regular.isFinished) return { ...nothing, killPod: true, sandboxId: sandbox.id };
  return {
    killPod: false,
    sandboxId: sandbox.id,
    kill: [...init.kill, ...regular.kill],
    startInit: init.start,
    start: regular.start,
    startEphemeral,
  };
}

/** The runtime's view narrowed to the containers of the sandbox in use: those of former sandboxes say nothing about progress. */
function activeContainers(runtime: RuntimePod, sandboxId: string): RuntimePod {
  return { ...runtime, containers: runtime.containers.filter((container) => container.sandboxId === sandboxId) };
}

/** The attempt number of the sandbox to make, or undefined while the newest one serves. */
function sandboxNeed(pod: Pod, runtime: RuntimePod): { attempt: number } | undefined {
  const [newest] = runtime.sandboxes;
  if (!newest) return { attempt: 0 };
  const readyCount = runtime.sandboxes.filter((sandbox) => sandbox.isReady).length;
  const wantsHostNetwork = pod.spec.hostNetwork === true;
  const isUsable =
    newest.isReady &&
    readyCount === 1 &&
    newest.usesHostNetwork === wantsHostNetwork &&
    (wantsHostNetwork || newest.ips.length > 0);
  return isUsable ? undefined : { attempt: newest.attempt + 1 };
}

function planNewSandbox(pod: Pod, runtime: RuntimePod, attempt: number): PodPlan {
  const killPod = runtime.sandboxes.length > 0;
  const containers = pod.spec.containers ?? [];
  const isOver = (container: Container) => {
    const latest = latestContainer(runtime, container.name);
    return latest?.state === "exited" && !mayRestartAfter(pod, container, latest.exitCode);
  };
  // A pod whose containers have all ended for good keeps no sandbox; one that never restarts does not begin anew after losing its own.
  const isFinished = containers.length > 0 && containers.every(isOver);
  const neverRestarts = pod.spec.restartPolicy === "Never" && attempt > 0 && runtime.containers.length > 0;
  if (isFinished || neverRestarts) return { ...nothing, killPod };
  const hasInit = (pod.spec.initContainers?.length ?? 0) > 0;
  return {
    ...nothing,
    killPod,
    sandbox: { attempt },
    startInit: hasInit ? [0] : [],
    start: hasInit ? [] : containers.flatMap((container, index) => (isOver(container) ? [] : [index])),
  };
}

interface RegularPlan {
  readonly kill: ContainerKill[];
  readonly start: number[];
  /** Nothing runs and nothing will run again. */
  readonly isFinished: boolean;
}

function planRegular(pod: Pod, runtime: RuntimePod, probes: ProbeFindings): RegularPlan {
  const kill: ContainerKill[] = [];
  const start: number[] = [];
  let kept = 0;
  for (const [index, container] of (pod.spec.containers ?? []).entries()) {
    const latest = latestContainer(runtime, container.name);
    if (latest?.state === "running") {
      const reason = killReason(pod, container, latest, probes);
      if (!reason) {
        kept++;
        continue;
      }
      kill.push(reason);
      if (reason.cause === "definition-changed" || restartsWhenStopped(pod, container)) start.push(index);
      continue;
    }
    if (!shouldStart(pod, container, latest)) continue;
    start.push(index);
    if (latest?.state === "unknown") kill.push(lostContainer(container, latest));
  }
  return { kill, start, isFinished: kept === 0 && start.length === 0 && kill.length === 0 };
}

/** Ephemeral containers start once and are never restarted. */
function planEphemeral(pod: Pod, runtime: RuntimePod): number[] {
  return (pod.spec.ephemeralContainers ?? [])
    .map(asContainer)
    .flatMap((container, index) => (latestContainer(runtime, container.name) ? [] : [index]));
}
