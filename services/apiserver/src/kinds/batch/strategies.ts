import type { CronJob } from "@tskube/api";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import { cronJobColumns } from "./columns.ts";
import { jobs } from "./job-strategy.ts";
import { validateCronJob } from "./validate-cron-job.ts";

export const batchStrategies: StrategyList = {
  "jobs.batch": strategyFor(jobs),
  "cronjobs.batch": strategyFor<CronJob>({
    hasGeneration: true,
    columns: cronJobColumns,
    validate: validateCronJob,
    validateUpdate: validateCronJob,
  }),
};
