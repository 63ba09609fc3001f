import type { Job } from "@tskube/api";

export const controllerUidLabel = "batch.kubernetes.io/controller-uid";

/** The labels that every pod of a job has; those without a prefix are the older names of the same. */
export function jobLabels({ metadata: { name, uid = "" } }: Job): Record<string, string> {
  return {
    [controllerUidLabel]: uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
}
