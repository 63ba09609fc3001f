import type { CronJob } from "@tskube/api";
import { Path } from "@tskube/apimachinery";
import { podNameWarnings, templateWarnings } from "../core/pod/warnings.ts";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import { cronJobColumns } from "./columns.ts";
import { jobs } from "./job-strategy.ts";
import { validateCronJob } from "./validate-cron-job.ts";

export const batchStrategies: StrategyList = {
  "jobs.batch": strategyFor(jobs),
  "cronjobs.batch": strategyFor<CronJob>({
    hasGeneration: true,
    columns: cronJobColumns,
    warnings: cronJobWarnings,
    validate: validateCronJob,
    validateUpdate: validateCronJob,
  }),
};

const templatePath = Path.of("spec", "jobTemplate", "spec", "template");

function cronJobWarnings({ metadata, spec }: CronJob, old: CronJob | undefined): string[] {
  const names = old ? [] : podNameWarnings(metadata);
  const zone = spec?.schedule.includes("TZ") ? [zoneWarning] : [];
  return [...names, ...templateWarnings(spec?.jobTemplate.spec?.template, templatePath), ...zone];
}

const zoneWarning =
  "CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details";
