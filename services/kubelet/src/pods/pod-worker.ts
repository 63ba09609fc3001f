import { rm } from "node:fs/promises";
import type { Pod } from "@tskube/api";
import { backoffMs, type Clock, errorMessage, type Logger } from "@tskube/base";
import type { RuntimeService } from "@tskube/cri";
import type { PodAddresses } from "../env/field.ts";
import type { Paths } from "../node/paths.ts";
import { emptyRuntimePod, hasRunning, type RuntimePod, readySandbox } from "../runtime/model.ts";
import type { RuntimeView } from "../runtime/view.ts";
import type { ProbeView, StartFailure } from "../status/container-status.ts";
import { podStatus, type Verdict } from "../status/pod-status.ts";
import type { StatusManager } from "../status/status-manager.ts";
import { type MountedVolume, type VolumeManager, VolumeSetUpError } from "../volumes/volume-manager.ts";
import type { PodEvents } from "./events.ts";
import { formatPod, identityOf, type PodIdentity } from "./identity.ts";
import { type Killer, podGraceSeconds } from "./killer.ts";
import { isEmptyPlan } from "./plan.ts";
import type { PodRunner } from "./pod-runner.ts";

export interface PodWorkerDeps {
  readonly runtime: RuntimeService;
  readonly view: RuntimeView;
  readonly runner: PodRunner;
  readonly killer: Killer;
  readonly volumes: VolumeManager;
  readonly status: StatusManager;
  readonly events: PodEvents;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly probes: ProbeView & PodProbes;
  readonly runtimeName: () => string;
  readonly hostIps: () => readonly string[];
  /** Begins to follow the objects that a pod refers to; safe to repeat. */
  readonly track: (pod: Pod) => void;
  /** Ends what the rest of the kubelet holds for a pod: watches, tokens, back-offs. */
  readonly release: (uid: string) => void;
  /** Nothing of the pod is left anywhere. */
  readonly onEnd: (uid: string) => void;
  /** Refuses pods that this node cannot run. */
  readonly admit: (pod: Pod) => Verdict | undefined;
}

export interface PodProbes {
  /** Begins probing what should be probed; safe to repeat. */
  add(pod: Pod): void;
  /** Ends the probes that would restart containers of a pod that is being stopped. */
  stopRestarts(uid: string): void;
  remove(uid: string): void;
}

type Stage = "running" | "terminating" | "terminated";

const retry = { baseMs: 500, maxMs: 122_000 };
const volumeRefreshMs = 60_000;
/** A pod that nothing happens to is looked at this often all the same. */
const resyncMs = 60_000;

/**
 * Takes one pod through its life: running, terminating, terminated. One step at a time; whatever happens during a step leads to one more
 * step after it, however much it was. Leaving the running stage is final.
 */
export class PodWorker {
  readonly #deps: PodWorkerDeps;
  readonly identity: PodIdentity;
  #pod: Pod;
  #stage: Stage = "running";
  #verdict: Verdict | undefined;
  #graceSeconds: number | undefined;
  #failures: ReadonlyMap<string, StartFailure> = new Map();
  #isAdmitted = false;
  #isGone = false;
  /** The pod was over, and nothing of it left in the runtime, when the kubelet first saw it: its status is final. */
  #wasOver = false;
  #isPending = false;
  #isStepping = false;
  #isStopped = false;
  #errors = 0;
  #step = new AbortController();
  #cancelTimer: () => void = () => {};

  constructor(deps: PodWorkerDeps, pod: Pod) {
    this.#deps = deps;
    this.#pod = pod;
    this.identity = identityOf(pod);
  }

  get pod(): Pod {
    return this.#pod;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Whether the pod has been admitted and is not over. */
  get isActive(): boolean {
    return this.#isAdmitted && this.#stage !== "terminated";
  }

  /** Takes a newer version of the pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp) this.terminate();
    else this.wake();
  }

  /** Ends the pod. A shorter grace period than the one in force takes effect at once. */
  terminate(options: { readonly verdict?: Verdict; readonly graceSeconds?: number } = {}): void {
    this.#verdict ??= options.verdict;
    const graceSeconds = options.graceSeconds ?? podGraceSeconds(this.#pod);
    const isShorter = this.#graceSeconds === undefined || graceSeconds < this.#graceSeconds;
    if (this.#stage === "running" || (this.#stage === "terminating" && isShorter)) {
      this.#graceSeconds = graceSeconds;
      this.#step.abort();
    }
    if (this.#stage === "running") this.#stage = "terminating";
    this.wake();
  }

  /** The pod's object, or a static pod's file, is gone: nothing of it may stay. */
  gone(): void {
    this.#isGone = true;
    this.terminate();
  }

  /** Asks for a step: something may have changed. */
  wake(): void {
    this.#isPending = true;
    if (!this.#isStepping && !this.#isStopped) void this.#run();
  }

  /** Stops working on the pod and leaves it as it is: the kubelet ends, not the pod. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#step.abort();
  }

  async #run(): Promise<void> {
    this.#isStepping = true;
    try {
      while (this.#isPending && !this.#isStopped) {
        this.#isPending = false;
        this.#cancelTimer();
        this.#step = new AbortController();
        await this.#oneStep(this.#step.signal);
      }
    } finally {
      this.#isStepping = false;
    }
  }

  async #oneStep(signal: AbortSignal): Promise<void> {
    try {
      const retryMs = await this.#act(signal);
      this.#errors = 0;
      if (this.#stage !== "terminated") this.#wakeAfter(retryMs ?? resyncMs);
    } catch (error) {
      if (this.#isStopped) return;
      if (signal.aborted) {
        this.#isPending = true; // given up for the next stage
        return;
      }
      this.#errors++;
      this.#deps.logger.warn(
        { pod: formatPod(this.identity), stage: this.#stage, error: errorMessage(error) },
        "pod step failed",
      );
      this.#wakeAfter(backoffMs(this.#errors, retry));
    }
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer = this.#deps.clock.after(ms, () => this.wake());
  }

  #act(signal: AbortSignal): Promise<number | undefined> {
    switch (this.#stage) {
      case "running":
        return this.#keepRunning(signal);
      case "terminating":
        return this.#stopAll(signal);
      case "terminated":
        return this.#removeLeftovers();
    }
  }

  async #keepRunning(signal: AbortSignal): Promise<number | undefined> {
    const { runner, view, probes, events, volumes } = this.#deps;
    const runtimePod = await this.#current();
    if (!this.#admitOnce(runtimePod)) return undefined;
    const deadlineMs = this.#remainingDeadlineMs();
    if (deadlineMs !== undefined && deadlineMs <= 0) {
      const message = "Pod was active on the node longer than the specified deadline";
      events.pod(this.#pod, "Normal", "DeadlineExceeded", message);
      this.terminate({ verdict: { phase: "Failed", reason: "DeadlineExceeded", message } });
      return undefined;
    }
    if (this.#reportOrEnd(runtimePod)) return undefined;
    this.#deps.track(this.#pod);
    let mounted: ReadonlyMap<string, MountedVolume>;
    try {
      mounted = await volumes.setUp(this.#pod, this.#addresses(runtimePod), { refreshMs: volumeRefreshMs });
    } catch (error) {
      if (error instanceof VolumeSetUpError)
        for (const message of error.failures) events.pod(this.#pod, "Warning", "FailedMount", message);
      throw error;
    }
    probes.add(this.#pod);
    const plan = runner.plan(this.#pod, runtimePod);
    const result = await runner.run(this.#pod, plan, runtimePod, mounted, signal).finally(() => {
      if (!isEmptyPlan(plan)) view.markStale(this.identity.uid);
    });
    this.#failures = result.failures;
    if (this.#stage !== "running") return undefined;
    if (this.#reportOrEnd(await view.current(this.identity.uid))) return undefined;
    const waits = [result.retryMs, this.#remainingDeadlineMs()].filter((ms) => ms !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** Writes the status, and ends the pod if that says that nothing will run again. Returns whether it did. */
  #reportOrEnd(runtimePod: RuntimePod): boolean {
    const { phase } = this.#report(runtimePod, false);
    if (phase !== "Succeeded" && phase !== "Failed") return false;
    this.terminate();
    return true;
  }

  /** A pod that already has containers was admitted by an earlier run of the kubelet. */
  #admitOnce(runtimePod: RuntimePod): boolean {
    if (this.#isAdmitted || runtimePod.containers.length > 0) {
      this.#isAdmitted = true;
      return true;
    }
    const phase = this.#pod.status?.phase;
    if (phase === "Succeeded" || phase === "Failed") {
      this.#wasOver = true; // it ended before the kubelet was restarted
      this.terminate();
      return false;
    }
    const verdict = this.#deps.admit(this.#pod);
    if (!verdict) {
      this.#isAdmitted = true;
      return true;
    }
    this.#deps.events.pod(this.#pod, "Warning", verdict.reason, verdict.message);
    this.terminate({ verdict: { ...verdict, message: `Pod was rejected: ${verdict.message}` } });
    return false;
  }

  async #stopAll(signal: AbortSignal): Promise<number | undefined> {
    const { killer, probes, view } = this.#deps;
    const { uid } = this.identity;
    probes.stopRestarts(uid);
    const before = await this.#current();
    this.#report(before, false);
    await killer.killPod(this.#pod, before, { signal, graceSeconds: this.#graceOverride() });
    probes.remove(uid);
    const after = await view.refresh(uid);
    if (hasRunning(after)) throw new Error("containers of the pod still run");
    this.#report(after, true);
    await this.#cleanUp(after);
    return undefined;
  }

  /** Only a grace period other than the pod's own is handed on: with its own, hooks and minimal grace apply as usual. */
  #graceOverride(): number | undefined {
    return this.#graceSeconds === podGraceSeconds(this.#pod) ? undefined : this.#graceSeconds;
  }

  async #cleanUp(runtimePod: RuntimePod): Promise<void> {
    const { volumes, release } = this.#deps;
    const { uid } = this.identity;
    await volumes.tearDown(uid);
    release(uid);
    this.#stage = "terminated";
    await this.#removeLeftovers(runtimePod);
  }

  /** Containers and logs of a pod that ended stay for users to look at until its object goes. */
  async #removeLeftovers(known?: RuntimePod): Promise<undefined> {
    if (this.#isGone || this.#pod.metadata.deletionTimestamp) {
      await removeFromRuntime(this.#deps, this.identity, known ?? (await this.#current()));
      this.#deps.status.finish(this.#pod);
    }
    if (this.#isGone) this.#deps.onEnd(this.identity.uid);
    return undefined;
  }

  #report(runtimePod: RuntimePod, isTerminal: boolean) {
    const { clock, hostIps, probes, runtimeName, status } = this.#deps;
    if (this.#wasOver && this.#pod.status) return this.#pod.status;
    const next = podStatus({
      pod: this.#pod,
      runtime: runtimePod,
      runtimeName: runtimeName(),
      probes,
      failures: this.#failures,
      previous: status.get(this.identity.uid) ?? this.#pod.status,
      hostIps: hostIps(),
      nowMs: clock.now(),
      isTerminal,
      verdict: this.#verdict,
    });
    status.set(this.#pod, next);
    return next;
  }

  async #current(): Promise<RuntimePod> {
    const { uid, name, namespace } = this.identity;
    const found = await this.#deps.view.current(uid);
    return found.name ? found : emptyRuntimePod(uid, name, namespace);
  }

  #addresses(runtimePod: RuntimePod): PodAddresses {
    const hostIps = this.#deps.hostIps();
    return { hostIps, podIps: this.#pod.spec.hostNetwork ? hostIps : (readySandbox(runtimePod)?.ips ?? []) };
  }

  #remainingDeadlineMs(): number | undefined {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    if (seconds === undefined) return undefined;
    const startTime = this.#deps.status.get(this.identity.uid)?.startTime ?? this.#pod.status?.startTime;
    const startedAt = startTime ? Date.parse(startTime) : this.#deps.clock.now();
    return startedAt + seconds * 1000 - this.#deps.clock.now();
  }
}

/** Removes a stopped pod's containers, sandboxes and logs. */
export async function removeFromRuntime(
  { runtime, view, paths }: Pick<PodWorkerDeps, "runtime" | "view" | "paths">,
  pod: PodIdentity,
  runtimePod: RuntimePod,
): Promise<void> {
  await Promise.all(runtimePod.containers.map(({ id }) => runtime.removeContainer(id)));
  for (const { id } of runtimePod.sandboxes) {
    await runtime.stopPodSandbox(id);
    await runtime.removePodSandbox(id);
  }
  await rm(paths.podLogsDir(pod), { recursive: true, force: true });
  await view.refresh(pod.uid);
}
