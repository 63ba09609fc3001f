import type { CronJob, Job, ObjectReference } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import type { Draft } from "@tskube/client";
import { controllerReference } from "../../objects/meta.ts";

const scheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";
const defaultSuccessesKept = 3;
const defaultFailuresKept = 1;

/** How a job ended, if it did. */
export function outcomeOf({ status }: Job): "Complete" | "Failed" | undefined {
  const ended = status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  return ended?.type as "Complete" | "Failed" | undefined;
}

/** A run's job: its name follows from the minute, so that a run is started once whoever tries. */
export function jobFor(cronJob: CronJob, scheduledMs: number): Draft<Job> {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  const { name, namespace } = cronJob.metadata;
  return {
    metadata: {
      name: `${name}-${Math.floor(scheduledMs / 60_000)}`,
      namespace,
      ...(metadata.labels && { labels: metadata.labels }),
      annotations: { ...metadata.annotations, [scheduledAnnotation]: formatTime(scheduledMs) },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: spec as Job["spec"],
  };
}

export function referenceToJob({ metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: "Job", apiVersion: "batch/v1", namespace, name, uid, resourceVersion };
}

/** The ended jobs beyond the history to keep, the oldest first. */
export function jobsBeyondHistory({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const keep = {
    Complete: spec.successfulJobsHistoryLimit ?? defaultSuccessesKept,
    Failed: spec.failedJobsHistoryLimit ?? defaultFailuresKept,
  };
  return (["Complete", "Failed"] as const).flatMap((outcome) => {
    const ended = jobs.filter((job) => outcomeOf(job) === outcome).sort(byStart);
    return ended.slice(0, Math.max(0, ended.length - keep[outcome]));
  });
}

function byStart(a: Job, b: Job): number {
  const [x, y] = [a.status?.startTime ?? "", b.status?.startTime ?? ""];
  return x === y ? (a.metadata.name < b.metadata.name ? -1 : 1) : x < y ? -1 : 1;
}
