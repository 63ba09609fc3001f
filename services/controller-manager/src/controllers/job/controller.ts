import type { Job, JobStatus, Pod } from "@tskube/api";
import { deepEqual, isNotFound, statusCause } from "@tskube/apimachinery";
import { objectKey } from "@tskube/client";
import {
  after,
  BatchFailed,
  type Controller,
  type ControllerFactory,
  type Deps,
  done,
  OwnWrites,
  type Result,
  removeFinalizer,
  self,
  slowStartBatch,
} from "@tskube/controller";
import { controllerOf, selectorFrom } from "../../objects/meta.ts";
import { claimPods } from "../../pods/claim-pods.ts";
import { createPod, deletePod } from "../../pods/pod-control.ts";
import { isPodActive } from "../../pods/pod-state.ts";
import { type Account, account } from "./accounting.ts";
import { JobBackoff } from "./backoff.ts";
import { conditionOf, endOf, isOurs, isSuspended, isTracked, trackingFinalizer } from "./kinds.ts";
import { type Plan, planPods } from "./plan.ts";
import { computeStatus } from "./status.ts";
import { indexedPod, jobPod } from "./template.ts";
import { remainingDeadlineMs, type Verdict, verdictOn } from "./verdict.ts";

/** Runs pods until as many have succeeded as every Job asks for. */
export function jobController(workers: number): ControllerFactory {
  return (deps) => createController(workers, deps);
}

function createController(workers: number, deps: Deps): Controller {
  const { client, clock, events, listers } = deps;
  const { jobs, pods } = listers;
  const own = new OwnWrites<Pod>(pods, clock);
  const ownStatus = new OwnWrites<Job>(jobs, clock);
  const backoff = new JobBackoff();

  return {
    name: "job",
    workers,
    wakeOn: { Job: self, Pod: keysOfPod },
    async reconcile(key) {
      const job = jobs.get(key);
      if (!job) {
        own.forget(key);
        ownStatus.forget(key);
        backoff.forget(key);
        return releaseOrphans(key);
      }
      if (!isOurs(job) || !ownStatus.areSeen(key)) return done;
      if (endOf(job)) return releaseAll(pods.by("controller", job.metadata.uid ?? ""));
      return reconcileJob(key, job);
    },
  };

  function keysOfPod(pod: Pod): string | string[] | undefined {
    const namespace = pod.metadata.namespace ?? "";
    const controller = controllerOf(pod);
    if (controller) return controller.kind === "Job" ? `${namespace}/${controller.name}` : undefined;
    if (pod.metadata.deletionTimestamp) return undefined;
    return jobs
      .in(namespace)
      .list()
      .filter((job) => selects(job)(pod))
      .map(objectKey);
  }

  /** Pods of a job that is gone: nobody counts them any more, so nothing may hold them. */
  function releaseOrphans(key: string): Promise<Result> {
    const [namespace = "", name = ""] = key.split("/");
    const isOfJob = (pod: Pod) => {
      const controller = controllerOf(pod);
      return controller?.kind === "Job" && controller.name === name;
    };
    return releaseAll(pods.in(namespace).list().filter(isOfJob));
  }

  async function releaseAll(held: readonly Pod[]): Promise<Result> {
    const outcomes = await Promise.allSettled(held.filter(isTracked).map(release));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    return done;
  }

  async function release(pod: Pod): Promise<Pod | undefined> {
    try {
      return await removeFinalizer(client.pods(pod.metadata.namespace), pod, trackingFinalizer);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function reconcileJob(key: string, job: Job): Promise<Result> {
    const freshOwner = () => client.jobs(job.metadata.namespace).get(job.metadata.name);
    const claimed = await claimPods({ owner: job, matches: selects(job), pods, client, freshOwner });
    const nowMs = clock.now();
    const counted = account(job, claimed);
    const verdict = verdictOn(job, claimed, counted, nowMs);
    let failure: unknown;
    let current: readonly Pod[] = claimed;
    if (own.areSeen(key) && !job.metadata.deletionTimestamp) {
      try {
        if (verdict) await endPods(key, job, claimed);
        else current = await manage(key, job, claimed, counted);
      } catch (error) {
        failure = error instanceof BatchFailed ? error.cause : error;
      }
    }
    await writeStatus(key, job, computeStatus({ job, pods: current, account: counted, verdict, nowMs }), verdict);
    backoff.note(key, counted.newlySucceeded, counted.newlyFailed, nowMs);
    await releaseAll(counted.release);
    if (failure !== undefined && !statusCause(failure, "NamespaceTerminating")) throw failure;
    return nextLook(job, counted, backoff.remainingMs(key, nowMs));
  }

  function nextLook(job: Job, counted: Account, backoffMs: number): Result {
    const waits = [remainingDeadlineMs(job, clock.now()), backoffMs || undefined].filter((wait) => wait !== undefined);
    if (job.spec.activeDeadlineSeconds !== undefined && !job.status?.startTime && !isSuspended(job))
      waits.push(job.spec.activeDeadlineSeconds * 1000);
    const isWaiting = waits.length > 0 && counted.failJob === undefined;
    return isWaiting ? after(Math.max(1, Math.min(...waits))) : done;
  }

  /** The job has ended: what still runs goes, and is counted when it has. */
  async function endPods(key: string, job: Job, claimed: readonly Pod[]): Promise<void> {
    await removeAll(key, job, claimed.filter(isPodActive));
  }

  /** Resolves with the pods as they then are. */
  async function manage(key: string, job: Job, claimed: readonly Pod[], counted: Account): Promise<readonly Pod[]> {
    const plan = planPods(job, claimed, counted);
    if (plan.remove.length > 0) {
      // Taken away on purpose: these are no failures, so nobody waits to count them.
      const released = await Promise.all(plan.remove.map(release));
      await removeAll(
        key,
        job,
        released.filter((pod) => pod !== undefined),
      );
      const removed = new Set(plan.remove.map(({ metadata }) => metadata.uid));
      return claimed.filter(({ metadata }) => !removed.has(metadata.uid));
    }
    if (plan.create === 0) return claimed;
    // A failure that is not noted yet has no wait yet: it comes with the next look, which the noting asks for.
    const isHeld = counted.newlyFailed.length > 0 || backoff.remainingMs(key, clock.now()) > 0;
    if (isHeld && job.spec.backoffLimitPerIndex === undefined) return claimed;
    return [...claimed, ...(await create(key, job, plan))];
  }

  async function create(key: string, job: Job, { create, indexes }: Plan): Promise<Pod[]> {
    const created: Pod[] = [];
    await slowStartBatch(create, async (i) => {
      const one = indexes[i];
      const pod = await createPod(one ? indexedPod(job, one.index, one.failures) : jobPod(job), job, deps);
      own.wrote(key, pod);
      created.push(pod);
    });
    return created;
  }

  async function removeAll(key: string, job: Job, doomed: readonly Pod[]): Promise<void> {
    const outcomes = await Promise.allSettled(
      doomed.map((pod) => own.deleting(key, pod, () => deletePod(pod, job, deps))),
    );
    const failed = outcomes.find((one) => one.status === "rejected" && !isNotFound(one.reason));
    if (failed?.status === "rejected") throw failed.reason;
  }

  async function writeStatus(key: string, job: Job, status: JobStatus, verdict: Verdict | undefined): Promise<void> {
    if (deepEqual(job.status, status)) return;
    const written = await client.jobs(job.metadata.namespace).updateStatus({ ...job, status });
    ownStatus.wrote(key, written);
    tell(job, written, verdict);
  }

  /** Tells of what the status says now and did not before. */
  function tell(before: Job, now: Job, verdict: Verdict | undefined): void {
    const began = (type: string) => conditionOf(now, type) !== undefined && conditionOf(before, type) === undefined;
    if (began("Complete")) events.normal(now, "Completed", "Job completed");
    if (began("FailureTarget") && verdict) events.warn(now, verdict.reason, verdict.message);
    if (began("Suspended")) events.normal(now, "Suspended", "Job suspended");
    if (conditionOf(before, "Suspended") && !conditionOf(now, "Suspended") && !verdict)
      events.normal(now, "Resumed", "Job resumed");
  }
}

function selects({ spec }: Job): (pod: Pod) => boolean {
  const selector = selectorFrom(spec.selector);
  return ({ metadata }) => !selector.isEmpty && selector.matches(metadata.labels);
}
