import type { Pod } from "@tskube/api";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import type { EventRecorder } from "@tskube/client";
import type { SchedulerCache } from "../cache/scheduler-cache.ts";
import { CycleState } from "../framework/cycle-state.ts";
import { action } from "../framework/events.ts";
import { type PodInfo, placedOn } from "../framework/pod-info.ts";
import type { Profile } from "../framework/profile.ts";
import type { QueuedPod } from "../framework/queued-pod.ts";
import { failure, isRejected, messageOf, type Status, unresolvable } from "../framework/status.ts";
import type { WaitingPods } from "../framework/waiting-pods.ts";
import type { SchedulerMetrics } from "../metrics.ts";
import type { SchedulingQueue } from "../queue/scheduling-queue.ts";
import type { Background } from "./background.ts";
import { Diagnosis, describe } from "./diagnosis.ts";
import type { FailedAttempt } from "./failure.ts";
import type { NodeFinder } from "./find-node.ts";

export interface SchedulerDeps {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly finder: NodeFinder;
  readonly waitingPods: WaitingPods;
  readonly background: Background;
  readonly events: EventRecorder;
  readonly metrics: SchedulerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  profileOf(pod: Pod): Profile | undefined;
  /** Gives the pod back to the queue and tells why. Must not throw. */
  fail(attempt: FailedAttempt, signal: AbortSignal): Promise<void>;
}

/** How long the loop may keep the process from its other work: watches, answers, bindings. */
const longestTurnMs = 10;

/** One attempt for one pod, from the queue to the start of its binding. */
interface Attempt {
  readonly queued: QueuedPod;
  readonly profile: Profile;
  readonly state: CycleState;
  readonly startedMs: number;
}

/** Takes pods from the queue one by one, finds each a node, and binds it beside the search for the next. */
export class Scheduler {
  readonly #deps: SchedulerDeps;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  /** Schedules until `signal` aborts and what it began has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, background, clock } = this.#deps;
    let turnStartedMs = clock.monotonic();
    while (!signal.aborted) {
      let queued = queue.tryPop();
      if (!queued) {
        queued = await queue.pop(signal);
        turnStartedMs = clock.monotonic();
      }
      if (!queued) break;
      await this.scheduleOne(queued, signal);
      await background.room();
      if (clock.monotonic() - turnStartedMs > longestTurnMs) {
        await new Promise((resolve) => setImmediate(resolve));
        turnStartedMs = clock.monotonic();
      }
    }
    await background.drained();
  }

  /** One popped pod. Its binding and the telling of its failure go on in the background. */
  async scheduleOne(queued: QueuedPod, signal: AbortSignal): Promise<void> {
    const { cache, clock, queue } = this.#deps;
    const profile = this.#deps.profileOf(queued.info.pod);
    if (!profile || this.#isToBeSkipped(queued.info)) {
      queue.done(queued.info.uid);
      return;
    }
    const attempt: Attempt = { queued, profile, state: new CycleState(), startedMs: clock.monotonic() };
    try {
      cache.refresh();
      const placed = await this.#findAndAssume(attempt, signal);
      if (placed) this.#deps.background.add(this.#bindingCycle(attempt, placed, signal));
    } catch (error) {
      this.#failed(attempt, failure(error), {}, signal);
    }
  }

  #isToBeSkipped({ pod, key, uid }: PodInfo): boolean {
    if (pod.metadata.deletionTimestamp) {
      this.#deps.events.warn(pod, "FailedScheduling", `skip schedule deleting pod: ${key}`);
      return true;
    }
    return this.#deps.cache.isAssumed(uid);
  }

  /** The pod as placed, or nothing when it failed, which has been dealt with then. */
  async #findAndAssume(attempt: Attempt, signal: AbortSignal): Promise<PodInfo | undefined> {
    const { cache, finder, metrics, clock } = this.#deps;
    const { profile, state, queued, startedMs } = attempt;
    const pod = queued.info;
    const { snapshot } = cache;
    if (snapshot.nodes.length === 0) {
      this.#failed(attempt, unresolvable("no nodes available to schedule pods"), { nominatedNode: "" }, signal);
      return undefined;
    }
    const placement = finder.find(profile, state, pod, snapshot);
    metrics.algorithmRan((clock.monotonic() - startedMs) / 1000);
    if (placement.kind === "failed") {
      this.#failed(attempt, placement.status, {}, signal);
      return undefined;
    }
    if (placement.kind === "unschedulable") {
      await this.#noNode(attempt, placement.diagnosis, snapshot.nodes.length, signal);
      return undefined;
    }
    return this.#assume(attempt, placement.nodeName, signal);
  }

  #assume(attempt: Attempt, nodeName: string, signal: AbortSignal): PodInfo | undefined {
    const { cache, queue } = this.#deps;
    const { profile, state, queued } = attempt;
    const placed = placedOn(queued.info, nodeName);
    if (!cache.assume(placed)) {
      queue.done(queued.info.uid); // the watch has shown it bound
      return undefined;
    }
    queue.nominator.delete(placed.uid);
    const verdict = profile.reserve(state, queued.info, nodeName);
    if (!verdict) return placed;
    this.#takeBack(attempt, placed);
    this.#turnedDown(attempt, verdict, signal);
    return undefined;
  }

  async #noNode(attempt: Attempt, diagnosis: Diagnosis, nodeCount: number, signal: AbortSignal): Promise<void> {
    const { profile, state, queued } = attempt;
    let nominatedNode: string | undefined;
    if (profile.plugins.postFilter.length > 0) {
      const result = await profile.postFilter(state, queued.info, diagnosis.statuses);
      if (result.status) diagnosis.postFilterMessage = messageOf(result.status);
      nominatedNode = result.nominatedNode;
    }
    const status: Status = { code: "Unschedulable", reasons: [describe(diagnosis, nodeCount)] };
    const { rejectedBy, pendingOn } = diagnosis;
    this.#failed(attempt, status, { rejectedBy, pendingOn, nominatedNode }, signal);
  }

  /** Rejected by a plugin after its node was found. */
  #turnedDown(attempt: Attempt, status: Status, signal: AbortSignal): void {
    if (!isRejected(status)) {
      this.#failed(attempt, status, {}, signal);
      return;
    }
    const diagnosis = new Diagnosis();
    diagnosis.blame(status);
    const nodeCount = 1;
    diagnosis.statuses.set(status.plugin ?? "", status);
    const told: Status = { ...status, reasons: [describe(diagnosis, nodeCount)] };
    this.#failed(attempt, told, diagnosis, signal);
  }

  /** Permit, pre-bind, bind: may take long, so the loop goes on meanwhile with the pod counted on its node. */
  async #bindingCycle(attempt: Attempt, placed: PodInfo, signal: AbortSignal): Promise<void> {
    try {
      const verdict = await this.#bind(attempt, placed, signal);
      if (verdict) this.#bindingFailed(attempt, placed, verdict, signal);
    } catch (error) {
      this.#bindingFailed(attempt, placed, failure(error), signal);
    }
  }

  async #bind(attempt: Attempt, placed: PodInfo, signal: AbortSignal): Promise<Status | undefined> {
    const { cache, queue, waitingPods, events, metrics, clock } = this.#deps;
    const { profile, state, queued, startedMs } = attempt;
    const pod = queued.info;
    const nodeName = placed.pod.spec?.nodeName ?? "";
    const permit = profile.permit(state, pod, nodeName);
    if (permit.verdict) return permit.verdict;
    if (permit.waits.size > 0) {
      const rejected = await waitingPods.wait(pod, permit.waits, signal);
      if (rejected) return rejected;
    }
    const notBound =
      (await profile.preBind(state, pod, nodeName, signal)) ?? (await profile.bind(state, pod, nodeName, signal));
    if (notBound) return notBound;
    cache.finishBinding(placed.uid);
    queue.done(placed.uid);
    metrics.attempted("scheduled", profile.schedulerName, (clock.monotonic() - startedMs) / 1000);
    metrics.scheduled(queued.attempts, (clock.now() - (queued.initialAttemptMs ?? clock.now())) / 1000);
    events.normal(pod.pod, "Scheduled", `Successfully assigned ${pod.key} to ${nodeName}`);
    profile.postBind(state, pod, nodeName);
    return undefined;
  }

  #bindingFailed(attempt: Attempt, placed: PodInfo, status: Status, signal: AbortSignal): void {
    this.#takeBack(attempt, placed);
    if (signal.aborted) return;
    this.#deps.logger.debug({ pod: placed.key, error: messageOf(status) }, "pod not bound");
    this.#turnedDown(attempt, status, signal);
  }

  /** The room that was held is free again: others may want it. */
  #takeBack({ profile, state, queued }: Attempt, placed: PodInfo): void {
    const nodeName = placed.pod.spec?.nodeName ?? "";
    profile.unreserve(state, queued.info, nodeName);
    this.#deps.cache.forget(placed.uid);
    const event = { resource: "AssignedPod", actions: action.delete, label: "AssignedPodDelete" } as const;
    this.#deps.queue.move(event, placed.pod, undefined);
  }

  #failed(
    { queued, profile, startedMs }: Attempt,
    status: Status,
    more: {
      readonly rejectedBy?: Iterable<string>;
      readonly pendingOn?: Iterable<string>;
      readonly nominatedNode?: string | undefined;
    },
    signal: AbortSignal,
  ): void {
    const { metrics, clock, background, logger } = this.#deps;
    const result = isRejected(status) ? "unschedulable" : "error";
    metrics.attempted(result, profile.schedulerName, (clock.monotonic() - startedMs) / 1000);
    const { rejectedBy = [], pendingOn = [], nominatedNode } = more;
    const telling = this.#deps.fail({ queued, status, rejectedBy, pendingOn, nominatedNode }, signal);
    background.add(
      telling.catch((error: unknown) => logger.error({ error: errorMessage(error) }, "cannot deal with a failure")),
    );
  }
}
