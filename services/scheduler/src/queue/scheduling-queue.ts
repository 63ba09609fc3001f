import type { KubeObject } from "@tskube/api";
import type { Clock } from "@tskube/base";
import { type ClusterEvent, unschedulableTimeout } from "../framework/events.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { newQueuedPod, type QueuedPod } from "../framework/queued-pod.ts";
import type { Verdict } from "../framework/status.ts";
import { backoffEndMs, type PodBackoff } from "./backoff.ts";
import { isAwaited, judge, type Move, type PluginInterests } from "./hints.ts";
import { InFlight, type ObservedEvent } from "./in-flight.ts";
import { KeyedHeap } from "./keyed-heap.ts";
import { Nominator } from "./nominator.ts";
import { podUpdateEvents } from "./pod-update-events.ts";

export interface QueueOptions {
  readonly clock: Clock;
  readonly backoff: PodBackoff;
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean;
  /** What the plugins of the pod's profile wait for. */
  readonly interestsOf: (pod: PodInfo) => PluginInterests;
  /** The interests of all profiles. */
  readonly allInterests: () => Iterable<PluginInterests>;
  readonly preEnqueue: (pod: PodInfo) => Verdict;
  /** Hears of pods that come into a queue: for the metric of upstream's name. */
  readonly onIncoming?: (queue: QueueName, event: string) => void;
}

export type QueueName = "active" | "backoff" | "unschedulable" | "gated";

/** Pods that nothing has moved are looked at again after this long. */
const maxUnschedulableMs = 5 * 60_000;
const flushEveryMs = 30_000;

/**
 * Pods that wait for a node. A pod is in exactly one place: active (by the queue sort plugin), in back-off (by its end), unschedulable
 * or gated (until an event moves it), or in flight (popped and not given back or done).
 */
export class SchedulingQueue {
  readonly nominator = new Nominator();
  readonly #options: QueueOptions;
  readonly #active: KeyedHeap<QueuedPod>;
  readonly #backoff: KeyedHeap<QueuedPod>;
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #inFlight = new InFlight();
  #waiting: (() => void) | undefined;
  #cancelBackoffTimer: () => void = () => {};
  #cancelFlush: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
    const uid = ({ info }: QueuedPod) => info.uid;
    this.#active = new KeyedHeap(uid, options.less);
    this.#backoff = new KeyedHeap(uid, (a, b) => this.#endOf(a) < this.#endOf(b));
  }

  /** Starts the periodic second look; `close` ends it. */
  start(): void {
    const flush = () => {
      this.flushLeftovers();
      this.#cancelFlush = this.#options.clock.after(flushEveryMs, flush);
    };
    this.#cancelFlush = this.#options.clock.after(flushEveryMs, flush);
  }

  close(): void {
    this.#cancelFlush();
    this.#cancelBackoffTimer();
  }

  /** How many pods wait where, as the metric counts them. */
  get sizes(): Readonly<Record<QueueName, number>> {
    let gated = 0;
    for (const { gatedBy } of this.#unschedulable.values()) if (gatedBy !== undefined) gated++;
    const unschedulable = this.#unschedulable.size - gated;
    return { active: this.#active.size, backoff: this.#backoff.size, unschedulable, gated };
  }

  /** The next pod, waiting for one if need be; absent when `signal` aborts. */
  async pop(signal: AbortSignal): Promise<QueuedPod | undefined> {
    while (!signal.aborted) {
      const pod = this.tryPop();
      if (pod) return pod;
      await this.#somethingToPop(signal);
    }
    return undefined;
  }

  /** With nothing active, a pod in back-off for unschedulability goes early: there is nothing it could hold up. */
  tryPop(): QueuedPod | undefined {
    const pod = this.#active.pop() ?? this.#earlyFromBackoff();
    if (!pod) return undefined;
    pod.attempts++;
    pod.initialAttemptMs ??= this.#options.clock.now();
    this.#inFlight.start(pod.info.uid);
    return pod;
  }

  /** A pod that the server shows for the first time. */
  add(info: PodInfo): void {
    this.nominator.set(info);
    this.#enqueue(newQueuedPod(info, this.#options.clock.now()), "PodAdd");
  }

  /** A pod that is still to be placed has changed. */
  update(old: PodInfo | undefined, info: PodInfo): void {
    this.nominator.update(info);
    if (this.#inFlight.has(info.uid)) {
      for (const event of podUpdateEvents(old, info))
        this.#inFlight.observe({ event, old: old?.pod, object: info.pod });
      return;
    }
    for (const heap of [this.#active, this.#backoff]) {
      const queued = heap.get(info.uid);
      if (!queued) continue;
      queued.info = info;
      heap.set(queued);
      return;
    }
    const queued = this.#unschedulable.get(info.uid);
    if (!queued) {
      this.add(info);
      return;
    }
    queued.info = info;
    for (const event of podUpdateEvents(old, info)) {
      if (this.#moveOne(queued, { event, old: old?.pod, object: info.pod })) return;
    }
  }

  delete(uid: string): void {
    this.nominator.delete(uid);
    this.#active.delete(uid);
    this.#backoff.delete(uid);
    this.#unschedulable.delete(uid);
  }

  /** The pod's scheduling has ended well, or the pod is gone. */
  done(uid: string): void {
    this.#inFlight.done(uid);
  }

  /** A popped pod that could not be placed: waits for an event, unless one that matters has happened meanwhile. */
  giveBack(pod: QueuedPod, info: PodInfo): void {
    const missed = this.#inFlight.eventsSince(info.uid);
    this.#inFlight.done(info.uid);
    pod.info = info;
    pod.timestampMs = this.#options.clock.now();
    if (pod.rejectedBy.size === 0 && pod.pendingOn.size === 0) {
      pod.errorCount++;
      this.#requeue(pod, "AfterBackoff", "ScheduleAttemptFailure");
      return;
    }
    pod.errorCount = 0;
    pod.unschedulableCount++;
    const interests = this.#options.interestsOf(info);
    let move: Move = "Skip";
    for (const observed of missed) {
      const judged = judge(pod, observed, interests);
      if (judged === "Immediately" || move === "Skip") move = judged;
      if (move === "Immediately") break;
    }
    if (move === "Skip") this.#put(pod, "unschedulable", "ScheduleAttemptFailure");
    else this.#requeue(pod, move, "ScheduleAttemptFailure");
  }

  /** Something happened that may make rejected pods schedulable. */
  move(event: ClusterEvent, old: KubeObject | undefined, object: KubeObject | undefined): void {
    if (!isAwaited(event, this.#options.allInterests())) return;
    const observed = { event, old, object };
    this.#inFlight.observe(observed);
    for (const pod of [...this.#unschedulable.values()]) this.#moveOne(pod, observed);
  }

  /** Puts pods that wait for anything into the active queue. */
  activate(pods: Iterable<PodInfo>): void {
    for (const { uid } of pods) {
      const queued = this.#unschedulable.get(uid) ?? this.#backoff.get(uid);
      if (!queued) continue;
      this.#unschedulable.delete(uid);
      this.#backoff.delete(uid);
      this.#enqueue(queued, "ForceActivate");
    }
  }

  flushLeftovers(): void {
    const nowMs = this.#options.clock.now();
    const observed = { event: unschedulableTimeout, old: undefined, object: undefined };
    for (const pod of [...this.#unschedulable.values()]) {
      if (nowMs - pod.timestampMs > maxUnschedulableMs) this.#moveOne(pod, observed);
    }
  }

  #moveOne(pod: QueuedPod, observed: ObservedEvent): boolean {
    const move = judge(pod, observed, this.#options.interestsOf(pod.info));
    if (move === "Skip") return false;
    this.#unschedulable.delete(pod.info.uid);
    this.#requeue(pod, move, observed.event.label);
    return true;
  }

  #requeue(pod: QueuedPod, move: Exclude<Move, "Skip">, event: string): void {
    if (move === "AfterBackoff" && this.#endOf(pod) > this.#options.clock.now() && !this.#isGated(pod))
      this.#put(pod, "backoff", event);
    else this.#enqueue(pod, event);
  }

  /** Into the active queue, if no plugin keeps it out. */
  #enqueue(pod: QueuedPod, event: string): void {
    this.#put(pod, this.#isGated(pod) ? "gated" : "active", event);
  }

  #isGated(pod: QueuedPod): boolean {
    const verdict = this.#options.preEnqueue(pod.info);
    pod.gatedBy = verdict?.plugin;
    if (verdict?.plugin !== undefined) pod.rejectedBy.add(verdict.plugin);
    return verdict !== undefined;
  }

  #put(pod: QueuedPod, queue: QueueName, event: string): void {
    this.#options.onIncoming?.(queue, event);
    if (queue === "active") {
      this.#active.set(pod);
      this.#wake();
    } else if (queue === "backoff") {
      this.#backoff.set(pod);
      this.#armBackoffTimer();
      this.#wake();
    } else this.#unschedulable.set(pod.info.uid, pod);
  }

  #endOf(pod: QueuedPod): number {
    return backoffEndMs(pod, this.#options.backoff);
  }

  #earlyFromBackoff(): QueuedPod | undefined {
    for (const pod of this.#backoff.values()) {
      if (pod.errorCount === 0) return this.#backoff.delete(pod.info.uid);
    }
    return undefined;
  }

  #armBackoffTimer(): void {
    this.#cancelBackoffTimer();
    const first = this.#backoff.peek();
    if (!first) return;
    const delayMs = this.#endOf(first) - this.#options.clock.now();
    this.#cancelBackoffTimer = this.#options.clock.after(delayMs, () => this.#endBackoffs());
  }

  #endBackoffs(): void {
    const nowMs = this.#options.clock.now();
    for (let first = this.#backoff.peek(); first && this.#endOf(first) <= nowMs; first = this.#backoff.peek()) {
      this.#backoff.pop();
      this.#enqueue(first, "BackoffComplete");
    }
    this.#armBackoffTimer();
  }

  #somethingToPop(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        this.#waiting = undefined;
        resolve();
      };
      this.#waiting = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }

  #wake(): void {
    this.#waiting?.();
  }
}
