import type { Container, CronJob, Job } from "@tskube/api";
import { type LabelSelectorLike, labelSelectorAsSelector } from "@tskube/apimachinery";
import type { Cell, TableColumns, TimedCell } from "../../http/table-columns.ts";
import { ageColumn, ageOf, ageSince, column, nameColumn, shortDuration } from "../cells.ts";

const wide = { isWide: true };

export const jobColumns: TableColumns<Job> = {
  definitions: [
    nameColumn,
    column("Status", "Status of the job."),
    column("Completions", "Successful pods of those wanted."),
    column("Duration", "Time required to complete the job."),
    ageColumn,
    column("Containers", "Names of each container in the template.", wide),
    column("Images", "Images referenced by each container in the template.", wide),
    column("Selector", "Label selector of the pods.", wide),
  ],
  cells: (job) => [
    job.metadata.name,
    jobStatus(job),
    completions(job),
    jobDuration(job),
    ageOf(job),
    ...containerCells(job.spec?.template.spec?.containers),
    labelSelectorAsSelector(job.spec?.selector as LabelSelectorLike | undefined).toString() || "<none>",
  ],
};

function jobStatus({ metadata, status }: Job): string {
  const has = (type: string) =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === "True");
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (metadata.deletionTimestamp) return "Terminating";
  if (has("Suspended")) return "Suspended";
  if (has("FailureTarget")) return "FailureTarget";
  return has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job): Cell | TimedCell {
  if (!status?.startTime) return "";
  if (!status.completionTime) return ageSince(status.startTime);
  return shortDuration(Date.parse(status.completionTime) - Date.parse(status.startTime));
}

export const cronJobColumns: TableColumns<CronJob> = {
  definitions: [
    nameColumn,
    column("Schedule", "When jobs are started."),
    column("Timezone", "The time zone of the schedule."),
    column("Suspend", "Whether no jobs are started.", { type: "boolean" }),
    column("Active", "The number of jobs that run.", { type: "integer" }),
    column("Last Schedule", "When a job was last started."),
    ageColumn,
    column("Containers", "Names of each container in the template.", wide),
    column("Images", "Images referenced by each container in the template.", wide),
    column("Selector", "Label selector of the pods.", wide),
  ],
  cells: (job) => [
    job.metadata.name,
    job.spec?.schedule ?? "",
    job.spec?.timeZone ?? "<none>",
    job.spec?.suspend ?? false,
    job.status?.active?.length ?? 0,
    job.status?.lastScheduleTime ? ageSince(job.status.lastScheduleTime) : "<none>",
    ageOf(job),
    ...containerCells(job.spec?.jobTemplate.spec?.template.spec?.containers),
    labelSelectorAsSelector(job.spec?.jobTemplate.spec?.selector as LabelSelectorLike | undefined).toString() ||
      "<none>",
  ],
};

function containerCells(containers: readonly Container[] | undefined): [string, string] {
  const all = containers ?? [];
  return [all.map(({ name }) => name).join(","), all.map(({ image }) => image ?? "").join(",")];
}
