import type { Job } from "@tskube/api";
import type { Strategy } from "../../registry/strategy.ts";
import { namedWarnings } from "../apps/warnings.ts";
import { jobColumns } from "./columns.ts";
import { controllerUidLabel, jobLabels } from "./job-labels.ts";
import { validateJob, validateJobUpdate } from "./validate-job.ts";

export const jobs: Strategy<Job> = {
  hasGeneration: true,
  columns: jobColumns,
  selectableFields: { "status.successful": ({ status }) => String(status?.succeeded ?? 0) },
  prepareForCreate: selectOwnPods,
  warnings: namedWarnings,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
};

/** A job finds its pods by its own uid, unless its author chose a selector; what the author wrote himself is left for validation to see. */
function selectOwnPods(job: Job): void {
  const { spec } = job;
  if (!spec || spec.manualSelector) return;
  const { template, selector } = spec;
  const labels = { ...jobLabels(job), ...template.metadata?.labels };
  spec.template = { ...template, metadata: { ...template.metadata, labels } } as typeof template;
  const matchLabels = { [controllerUidLabel]: job.metadata.uid ?? "", ...selector?.matchLabels };
  spec.selector = { ...selector, matchLabels };
  // A job without labels has those of its pods.
  if (!Object.keys(job.metadata.labels ?? {}).length) job.metadata.labels = labels;
}
