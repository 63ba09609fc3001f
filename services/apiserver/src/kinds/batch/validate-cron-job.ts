import type { CronJob } from "@tskube/api";
import { type FieldError, field, Path } from "@tskube/apimachinery";
import { oneOf, optionalNonNegative } from "../field-rules.ts";
import { cronScheduleError } from "./cron-schedule.ts";
import { validateJobSpec } from "./validate-job.ts";

const specPath = Path.of("spec");
const policies = ["Allow", "Forbid", "Replace"];
/** Jobs are named after their cron job and a time of ten digits, and a name has 63 characters at most. */
const maxNameLength = 52;

export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name.length > maxNameLength) {
    errors.push(field.invalid(Path.of("metadata", "name"), metadata.name, "must be no more than 52 characters"));
  }
  if (!spec) return [...errors, field.required(specPath.child("schedule"))];
  const { jobTemplate, startingDeadlineSeconds, successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec;
  errors.push(
    ...scheduleErrors(spec),
    ...optionalNonNegative(startingDeadlineSeconds, specPath.child("startingDeadlineSeconds")),
    ...oneOf(spec.concurrencyPolicy, policies, specPath.child("concurrencyPolicy")),
    ...validateJobSpec(jobTemplate.spec, specPath.child("jobTemplate", "spec")),
    ...optionalNonNegative(successfulJobsHistoryLimit, specPath.child("successfulJobsHistoryLimit")),
    ...optionalNonNegative(failedJobsHistoryLimit, specPath.child("failedJobsHistoryLimit")),
  );
  if (jobTemplate.spec?.manualSelector) {
    const path = specPath.child("jobTemplate", "spec", "manualSelector");
    errors.push(field.notSupported(path, "true", ["nil", "false"]));
  }
  return errors;
}

function scheduleErrors({ schedule, timeZone }: NonNullable<CronJob["spec"]>): FieldError[] {
  const path = specPath.child("schedule");
  if (!schedule) return [field.required(path)];
  const errors: FieldError[] = [];
  if (schedule.includes("TZ")) {
    errors.push(field.invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  } else {
    const error = cronScheduleError(schedule);
    if (error) errors.push(field.invalid(path, schedule, error));
  }
  return timeZone === undefined ? errors : [...errors, ...zoneErrors(timeZone)];
}

function zoneErrors(zone: string): FieldError[] {
  const path = specPath.child("timeZone");
  if (zone === "") return [field.invalid(path, zone, "timeZone must be nil or non-empty string")];
  if (zone.toLowerCase() === "local") {
    return [
      field.invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"),
    ];
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return [];
  } catch {
    return [field.invalid(path, zone, `unknown time zone ${zone}`)];
  }
}
