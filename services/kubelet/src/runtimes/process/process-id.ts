import { readFileSync } from "node:fs";

/** A process for good: pids come back, the same pid with the same start time does not. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

const startTimeField = 22;

/** Reads the text of /proc/PID/stat; the command in parentheses may itself hold spaces and parentheses. */
export function parseStat(stat: string): ProcessId | undefined {
  const pid = Number.parseInt(stat, 10);
  const afterCommand = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Fields are counted from 1, and the first two come before.
  const startTime = Number(afterCommand[startTimeField - 3]);
  return Number.isInteger(pid) && Number.isInteger(startTime) ? { pid, startTime } : undefined;
}

export function readProcessId(pid: number): ProcessId | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether exactly this process still exists, a zombie included. */
export function isAlive(id: ProcessId): boolean {
  return readProcessId(id.pid)?.startTime === id.startTime;
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals | number): boolean {
  if (!isAlive(id)) return false;
  try {
    return process.kill(id.pid, signal);
  } catch {
    return false;
  }
}
