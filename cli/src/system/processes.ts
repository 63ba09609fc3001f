import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that can't be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/PID/stat). */
  readonly startTicks: string;
}

export interface ProcessFigures {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

const pageBytes = 4096;
const ticksPerSecond = 100;

interface ProcessStat {
  readonly parentPid: number;
  readonly state: string;
  readonly startTicks: string;
  readonly cpuTicks: number;
  readonly residentPages: number;
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command name in parentheses and may hold anything: fields count from after the last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      state: fields[0] ?? "",
      parentPid: Number(fields[1]),
      cpuTicks: Number(fields[11]) + Number(fields[12]),
      startTicks: fields[19] ?? "",
      residentPages: Number(fields[21]),
    };
  } catch {
    return undefined; // it has ended
  }
}

/** Ended, but not yet collected by its parent. */
function isEnded(stat: ProcessStat): boolean {
  return stat.state === "Z" || stat.state === "X";
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, startTicks: stat.startTicks };
}

/** Whether the very process still runs; a zombie does not. */
export function isAlive(process: ProcessIdentity): boolean {
  const stat = statOf(process.pid);
  return stat !== undefined && stat.startTicks === process.startTicks && !isEnded(stat);
}

export function figuresOf(pid: number): ProcessFigures | undefined {
  const stat = statOf(pid);
  return stat && { residentBytes: stat.residentPages * pageBytes, cpuSeconds: stat.cpuTicks / ticksPerSecond };
}

export function listPids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Processes that were started with `name=value` in their environment. Processes of other users stay unseen. */
export function processesWithEnvironment(name: string, value: string): number[] {
  const wanted = `${name}=${value}`;
  return listPids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(wanted);
    } catch {
      return false;
    }
  });
}

/** A process's arguments joined by NUL; empty once it has ended. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0$/, "");
  } catch {
    return "";
  }
}

/** Processes that live in the network namespace which `path` pins. */
export function processesInNetworkNamespace(path: string, inodeOf: (path: string) => number | undefined): number[] {
  const inode = inodeOf(path);
  if (inode === undefined) return [];
  const wanted = `net:[${inode}]`;
  return listPids().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === wanted;
    } catch {
      return false;
    }
  });
}

/** `roots` and everything that descends from them and has not ended: zombies, which only wait for their parent, are left out. */
export function withDescendants(roots: Iterable<number>): Set<number> {
  const children = new Map<number, number[]>();
  const living = new Set<number>();
  for (const pid of listPids()) {
    const stat = statOf(pid);
    if (!stat || isEnded(stat)) continue;
    living.add(pid);
    const siblings = children.get(stat.parentPid);
    if (siblings) siblings.push(pid);
    else children.set(stat.parentPid, [pid]);
  }
  const found = new Set<number>();
  const queue = [...roots];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    if (found.has(pid) || !living.has(pid)) continue;
    found.add(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Sends a signal; false if the process has ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
