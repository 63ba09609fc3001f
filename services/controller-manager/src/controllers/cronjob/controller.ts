import type { CronJob, CronJobStatus, Job } from "@tskube/api";
import { deepEqual, formatTime, isAlreadyExists, isNotFound, statusCause } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import {
  after,
  type Controller,
  type ControllerFactory,
  type Deps,
  done,
  OwnWrites,
  type Result,
  self,
} from "@tskube/controller";
import { controllerOf, isControlledBy } from "../../objects/meta.ts";
import { jobFor, jobsBeyondHistory, outcomeOf, referenceToJob } from "./jobs.ts";
import { dueRun, parseSchedule, type Schedule, startingDeadlineMs } from "./schedule.ts";

/** Clocks differ a little: a run is looked for just after its time. */
const slackMs = 100;

/** Starts a Job whenever the schedule of a CronJob says so. */
export function cronJobController(workers: number): ControllerFactory {
  return (deps) => createController(workers, deps);
}

function createController(workers: number, deps: Deps): Controller {
  const { client, clock, events, listers } = deps;
  const { cronjobs, jobs } = listers;
  const ownJobs = new OwnWrites<Job>(jobs, clock);
  const ownStatus = new OwnWrites<CronJob>(cronjobs, clock);

  return {
    name: "cronjob",
    workers,
    wakeOn: { CronJob: self, Job: keyOfJob },
    async reconcile(key) {
      const cronJob = cronjobs.get(key);
      if (!cronJob) {
        ownJobs.forget(key);
        ownStatus.forget(key);
        return done;
      }
      if (!ownJobs.areSeen(key) || !ownStatus.areSeen(key)) return done;
      return reconcileCronJob(key, cronJob);
    },
  };

  function keyOfJob(job: Job): string | undefined {
    const controller = controllerOf(job);
    return controller?.kind === "CronJob" ? `${job.metadata.namespace}/${controller.name}` : undefined;
  }

  async function reconcileCronJob(key: string, cronJob: CronJob): Promise<Result> {
    const mine = jobs.by("controller", cronJob.metadata.uid ?? "");
    for (const job of jobsBeyondHistory(cronJob, mine)) await deleteJob(key, cronJob, job);
    const status = await takeStock(cronJob, mine);
    try {
      return await startDue(key, cronJob, mine, status);
    } finally {
      await writeStatus(key, cronJob, status);
    }
  }

  /** The status with jobs that ended or went missing taken off, and what they came to told. */
  async function takeStock(cronJob: CronJob, mine: readonly Job[]): Promise<CronJobStatus> {
    const status: CronJobStatus = { ...cronJob.status };
    const active = new Map((status.active ?? []).map((reference) => [reference.uid ?? "", reference]));
    for (const job of mine) {
      const { name, uid = "" } = job.metadata;
      const outcome = outcomeOf(job);
      if (outcome && active.delete(uid))
        events.normal(cronJob, "SawCompletedJob", `Saw completed job: ${name}, condition: ${outcome}`);
      if (!outcome && !active.has(uid)) {
        events.warn(cronJob, "UnexpectedJob", `Saw a job that the controller did not create or forgot: ${name}`);
        active.set(uid, referenceToJob(job));
      }
      const completedAt = outcome === "Complete" ? job.status?.completionTime : undefined;
      if (completedAt && completedAt > (status.lastSuccessfulTime ?? "")) status.lastSuccessfulTime = completedAt;
    }
    const known = new Set(mine.map(({ metadata }) => metadata.uid));
    for (const [uid, { name = "" }] of active) {
      if (known.has(uid) || (await exists(cronJob, name, uid))) continue;
      events.normal(cronJob, "MissingJob", `Active job went missing: ${name}`);
      active.delete(uid);
    }
    setActive(status, [...active.values()]);
    return status;
  }

  /** The cache may be behind: a job counts as missing only when the server says so. */
  async function exists(cronJob: CronJob, name: string, uid: string): Promise<boolean> {
    try {
      return (await client.jobs(cronJob.metadata.namespace).get(name)).metadata.uid === uid;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async function startDue(key: string, cronJob: CronJob, mine: readonly Job[], status: CronJobStatus): Promise<Result> {
    if (cronJob.metadata.deletionTimestamp || cronJob.spec.suspend) return done;
    const schedule = scheduleOf(cronJob);
    if (!schedule) return done;
    const nowMs = clock.now();
    const { scheduledMs, isManyMissed } = dueRun(cronJob, schedule, nowMs);
    if (isManyMissed) {
      const message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
      events.warn(cronJob, "TooManyMissedTimes", message);
    }
    if (scheduledMs !== undefined && mayStart(cronJob, status, scheduledMs, nowMs)) {
      if (cronJob.spec.concurrencyPolicy === "Replace") await replaceActive(key, cronJob, mine, status);
      await startJob(key, cronJob, scheduledMs, status);
    }
    const next = schedule.next(clock.now());
    return next === undefined ? done : after(next - clock.now() + slackMs);
  }

  function scheduleOf(cronJob: CronJob): Schedule | undefined {
    try {
      return parseSchedule(cronJob.spec);
    } catch (error) {
      // The text does not mend itself: only a change of the object, which wakes this, can help.
      const message = `unparseable schedule: ${JSON.stringify(cronJob.spec.schedule)} : ${errorMessage(error)}`;
      events.warn(cronJob, "UnparseableSchedule", message);
      return undefined;
    }
  }

  function mayStart(cronJob: CronJob, status: CronJobStatus, scheduledMs: number, nowMs: number): boolean {
    const deadlineMs = startingDeadlineMs(cronJob);
    if (deadlineMs !== undefined && scheduledMs + deadlineMs < nowMs) {
      const message = `Missed scheduled time to start a job: ${formatTime(scheduledMs)}`;
      events.warn(cronJob, "MissSchedule", message);
      return false;
    }
    if (cronJob.spec.concurrencyPolicy !== "Forbid" || !status.active?.length) return true;
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    events.normal(cronJob, "JobAlreadyActive", message);
    return false;
  }

  async function replaceActive(
    key: string,
    cronJob: CronJob,
    mine: readonly Job[],
    status: CronJobStatus,
  ): Promise<void> {
    const active = new Set(status.active?.map(({ uid }) => uid));
    for (const job of mine) if (active.has(job.metadata.uid)) await deleteJob(key, cronJob, job);
    setActive(status, []);
  }

  async function startJob(key: string, cronJob: CronJob, scheduledMs: number, status: CronJobStatus): Promise<void> {
    const job = await createJob(key, cronJob, scheduledMs);
    if (!job) return;
    if (!outcomeOf(job)) setActive(status, [...(status.active ?? []), referenceToJob(job)]);
    status.lastScheduleTime = formatTime(scheduledMs);
  }

  /** The run's job, made now or by an attempt whose status was lost; nothing when somebody else's has its name. */
  async function createJob(key: string, cronJob: CronJob, scheduledMs: number): Promise<Job | undefined> {
    const draft = jobFor(cronJob, scheduledMs);
    const where = client.jobs(cronJob.metadata.namespace);
    try {
      const job = await where.create(draft);
      ownJobs.wrote(key, job);
      events.normal(cronJob, "SuccessfulCreate", `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (statusCause(error, "NamespaceTerminating")) return undefined;
      if (isAlreadyExists(error)) {
        const existing = await where.get(draft.metadata.name ?? "");
        return isControlledBy(existing, cronJob) ? existing : undefined;
      }
      events.warn(cronJob, "FailedCreate", `Error creating job: ${errorMessage(error)}`);
      throw error;
    }
  }

  async function deleteJob(key: string, cronJob: CronJob, job: Job): Promise<void> {
    const { name, namespace } = job.metadata;
    if (job.metadata.deletionTimestamp) return;
    try {
      await ownJobs.deleting(key, job, () => client.jobs(namespace).delete(name, { propagationPolicy: "Background" }));
      events.normal(cronJob, "SuccessfulDelete", `Deleted job ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      events.warn(cronJob, "FailedDelete", `Deleted job: ${errorMessage(error)}`);
      throw error;
    }
  }

  async function writeStatus(key: string, cronJob: CronJob, status: CronJobStatus): Promise<void> {
    if (deepEqual(cronJob.status ?? {}, status)) return;
    const { namespace } = cronJob.metadata;
    ownStatus.wrote(key, await client.cronjobs(namespace).updateStatus({ ...cronJob, status }));
  }
}

/** An empty list is absent. */
function setActive(status: CronJobStatus, active: NonNullable<CronJobStatus["active"]>): void {
  if (active.length > 0) status.active = active;
  else delete status.active;
}
