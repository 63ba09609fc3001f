import type { Container, Pod, Probe } from "@tskube/api";
import type { Clock, Logger } from "@tskube/base";
import { containersOf, isRestartableInit, type PodContainer } from "../pods/containers.ts";
import type { PodEvents } from "../pods/events.ts";
import { uidOf } from "../pods/identity.ts";
import { latestContainer, type RuntimeContainer, readySandbox } from "../runtime/model.ts";
import type { RuntimeView } from "../runtime/view.ts";
import type { ProbeHandler } from "./handlers.ts";
import { defaults, type ProbeKind, probeKinds, probeOf, probeTitles } from "./probe.ts";
import { Tally } from "./tally.ts";

export interface ProbeManagerDeps {
  readonly view: RuntimeView;
  readonly handler: ProbeHandler;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hostIp: () => string | undefined;
  /** Called when a verdict changes: the pod's status or its plan may be another now. */
  readonly onChange: (uid: string) => void;
}

/** One probe of one container of one pod, through all restarts of the container. */
interface Prober {
  pod: Pod;
  readonly container: PodContainer;
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** The instance that `tally` is about. */
  containerId: string | undefined;
  tally: Tally;
  /** Cancels the next try; undefined while none is due. */
  cancel: (() => void) | undefined;
  isTrying: boolean;
  isStopped: boolean;
}

/**
 * Runs the probes of all pods. A prober has a timer only while there is something to try: none for a container that does not run, that has
 * started (startup), or that is about to be restarted.
 */
export class ProbeManager {
  readonly #deps: ProbeManagerDeps;
  readonly #probers = new Map<string, Map<string, Prober>>();
  /** By `containerId/kind`, for verdicts. */
  readonly #byContainer = new Map<string, Prober>();

  constructor(deps: ProbeManagerDeps) {
    this.#deps = deps;
  }

  add(pod: Pod): void {
    const uid = uidOf(pod);
    const ofPod = this.#probers.get(uid) ?? new Map<string, Prober>();
    for (const container of containersOf(pod)) {
      const isProbed =
        container.kind === "regular" || (container.kind === "init" && isRestartableInit(container.container));
      for (const kind of isProbed ? probeKinds : []) {
        const probe = probeOf(container.container, kind);
        const key = proberKey(container.container.name, kind);
        if (probe && !ofPod.has(key)) ofPod.set(key, newProber(pod, container, kind, probe));
      }
    }
    if (ofPod.size > 0) this.#probers.set(uid, ofPod);
    for (const prober of ofPod.values()) {
      prober.pod = pod;
      this.#schedule(prober);
    }
  }

  /** A container of the pod runs now: its probes begin. */
  containerStarted(pod: Pod): void {
    for (const prober of this.#probers.get(uidOf(pod))?.values() ?? []) this.#schedule(prober);
  }

  stopRestarts(uid: string): void {
    for (const prober of this.#probers.get(uid)?.values() ?? []) {
      if (prober.kind === "readiness") continue;
      prober.isStopped = true;
      prober.cancel?.();
      prober.cancel = undefined;
    }
  }

  remove(uid: string): void {
    for (const prober of this.#probers.get(uid)?.values() ?? []) {
      prober.isStopped = true;
      this.#release(prober);
    }
    this.#probers.delete(uid);
  }

  close(): void {
    for (const uid of [...this.#probers.keys()]) this.remove(uid);
  }

  liveness(containerId: string): "success" | "failure" | undefined {
    return this.#verdict(containerId, "liveness");
  }

  startup(containerId: string): "success" | "failure" | undefined {
    return this.#verdict(containerId, "startup");
  }

  isStarted(container: Container, containerId: string): boolean {
    return !container.startupProbe || this.#verdict(containerId, "startup") === "success";
  }

  /** Undefined while a probe has not been tried often enough to say. */
  isReady(container: Container, containerId: string): boolean | undefined {
    const kinds = probeKinds.filter((kind) => kind !== "liveness" && probeOf(container, kind));
    const tallies = kinds.map((kind) => this.#byContainer.get(proberKey(containerId, kind))?.tally);
    if (tallies.some((tally) => tally?.isDecided && tally.verdict === "failure")) return false;
    return tallies.every((tally) => tally?.isDecided) ? true : undefined;
  }

  #verdict(containerId: string, kind: ProbeKind): "success" | "failure" | undefined {
    return this.#byContainer.get(proberKey(containerId, kind))?.tally.verdict;
  }

  /** Sets the timer for the next try unless there is one or nothing to try. */
  #schedule(prober: Prober, periodMs?: number): void {
    if (prober.isTrying || prober.isStopped) return;
    const running = this.#running(prober);
    if (!running) return;
    if (prober.containerId !== running.id) this.#begin(prober, running.id);
    if (prober.cancel) return;
    if (prober.tally.isSettled) return;
    if (prober.kind !== "startup" && !this.isStarted(prober.container.container, running.id)) return;
    const dueMs = running.startedAtMs + (prober.probe.initialDelaySeconds ?? 0) * 1000;
    const delayMs = Math.max(periodMs ?? 0, dueMs - this.#deps.clock.now());
    prober.cancel = this.#deps.clock.after(delayMs, () => {
      prober.cancel = undefined;
      void this.#try(prober, running);
    });
  }

  /** A new instance: what was found out about the former one is void. */
  #begin(prober: Prober, containerId: string): void {
    this.#release(prober);
    prober.containerId = containerId;
    prober.tally = new Tally(prober.kind, prober.probe);
    this.#byContainer.set(proberKey(containerId, prober.kind), prober);
  }

  #release(prober: Prober): void {
    prober.cancel?.();
    prober.cancel = undefined;
    if (prober.containerId) this.#byContainer.delete(proberKey(prober.containerId, prober.kind));
  }

  #running(prober: Prober): RuntimeContainer | undefined {
    const runtimePod = this.#deps.view.get(uidOf(prober.pod));
    const latest = runtimePod && latestContainer(runtimePod, prober.container.container.name);
    return latest?.state === "running" ? latest : undefined;
  }

  async #try(prober: Prober, tried: RuntimeContainer): Promise<void> {
    prober.isTrying = true;
    const { pod, container, probe } = prober;
    const uid = uidOf(pod);
    const runtimePod = this.#deps.view.get(uid);
    const podIp = pod.spec.hostNetwork ? this.#deps.hostIp() : runtimePod && readySandbox(runtimePod)?.ips[0];
    const outcome = await this.#deps.handler(probe, {
      container: container.container,
      containerId: tried.id,
      podIp: podIp ?? "",
    });
    prober.isTrying = false;
    // The container may have ended or been replaced meanwhile: then this says nothing about what runs now.
    if (prober.isStopped || this.#running(prober)?.id !== tried.id) return this.#schedule(prober);
    if (outcome.result === "failure") this.#tellFailure(prober, outcome.output, outcome.isError === true);
    const hasChanged = prober.tally.add(outcome.result);
    this.#schedule(prober, (probe.periodSeconds ?? defaults.periodSeconds) * 1000);
    if (!hasChanged) return;
    this.#deps.logger.debug(
      { pod: pod.metadata.name, container: container.container.name, kind: prober.kind, result: outcome.result },
      "probe verdict changed",
    );
    if (prober.kind === "startup") for (const other of this.#probers.get(uid)?.values() ?? []) this.#schedule(other);
    this.#deps.onChange(uid);
  }

  #tellFailure({ pod, container, kind }: Prober, output: string, isError: boolean): void {
    const verb = isError ? "errored" : "failed";
    this.#deps.events.container(
      pod,
      container,
      "Warning",
      "Unhealthy",
      `${probeTitles[kind]} probe ${verb}: ${output}`,
    );
  }
}

function newProber(pod: Pod, container: PodContainer, kind: ProbeKind, probe: Probe): Prober {
  return {
    pod,
    container,
    kind,
    probe,
    containerId: undefined,
    tally: new Tally(kind, probe),
    cancel: undefined,
    isTrying: false,
    isStopped: false,
  };
}

function proberKey(container: string, kind: ProbeKind): string {
  return `${container}/${kind}`;
}
