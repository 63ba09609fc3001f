import type { CronJob } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";
import { Cron } from "croner";

/** When a cron job runs. */
export interface Schedule {
  /** The first run after a time; nothing for a schedule that never comes again. */
  next(afterMs: number): number | undefined;
}

/** `@every` counts from a time rather than following a calendar, which the cron library does not know. */
const interval = /^@every (\d+)(s|m|h)$/;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Throws on text that is no schedule, or a time zone nobody knows. Without a zone the time of this process's place counts. */
export function parseSchedule({ schedule, timeZone }: CronJob["spec"]): Schedule {
  const [, count, unit] = interval.exec(schedule) ?? [];
  if (count && unit) {
    const everyMs = Math.max(1_000, Number(count) * unitMs[unit as keyof typeof unitMs]);
    return { next: (afterMs) => Math.floor(afterMs / 1_000) * 1_000 + everyMs };
  }
  const cron = new Cron(schedule, { paused: true, ...(timeZone && { timezone: timeZone }) });
  return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
}

export interface DueRun {
  /** The latest run that is due and was not started. */
  readonly scheduledMs: number | undefined;
  /** So many were missed that a clock must be wrong, or the controller was away for long. */
  readonly isManyMissed: boolean;
}

const manyMissed = 100;

/** The run that is due. Looks back to the last one started, and no further than the starting deadline. */
export function dueRun(job: CronJob, schedule: Schedule, nowMs: number): DueRun {
  const deadlineMs = startingDeadlineMs(job);
  const since = parseTime(job.status?.lastScheduleTime ?? job.metadata.creationTimestamp ?? "") ?? nowMs;
  const earliest = deadlineMs === undefined ? since : Math.max(since, nowMs - deadlineMs);
  const first = schedule.next(earliest);
  if (first === undefined || first > nowMs) return { scheduledMs: undefined, isManyMissed: false };
  const second = schedule.next(first);
  if (second === undefined || second > nowMs) return { scheduledMs: first, isManyMissed: false };
  const missed = (nowMs - first) / (second - first);
  return { scheduledMs: latest(schedule, first, second - first, nowMs), isManyMissed: missed > manyMissed };
}

/** The last run up to now, found from ever earlier starting points: walking through years of missed runs would take long. */
function latest(schedule: Schedule, first: number, gapMs: number, nowMs: number): number {
  for (let back = 2 * gapMs; ; back *= 2) {
    const from = Math.max(first - 1, nowMs - back);
    let found: number | undefined;
    for (let run = schedule.next(from); run !== undefined && run <= nowMs; run = schedule.next(run)) found = run;
    if (found !== undefined) return found;
    if (from === first - 1) return first;
  }
}

export function startingDeadlineMs({ spec }: CronJob): number | undefined {
  return spec.startingDeadlineSeconds === undefined ? undefined : spec.startingDeadlineSeconds * 1_000;
}
