import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, sleep } from "@tskube/base";
import { nowNanos, toNanos } from "@tskube/cri";
import type { Cgroups } from "../cgroups/cgroups.ts";
import { signalProcess } from "../process-id.ts";
import type { LiveContainer } from "./live.ts";
import type { MonitorEnd } from "./monitor.ts";
import type { ContainerRun } from "./record.ts";

/** How long output may still come after the program has ended: a process it left behind may hold its streams. */
const drainMs = 1_000;
/** What containerd reports when it cannot know. */
const unknownExit = { exitCode: 255, reason: "Unknown" } as const;

export interface EndingDeps {
  readonly cgroups: Cgroups;
  readonly clock: Clock;
}

/** Tidies up after a container whose program has ended and returns how it ended. Its log is complete afterwards. */
export async function concludeContainer(
  container: LiveContainer,
  end: MonitorEnd,
  deps: EndingDeps,
): Promise<ContainerRun> {
  const { cgroups, clock } = deps;
  const { run, record } = container;
  await killContainer(container, cgroups);
  const outOfMemory = (await cgroups.oomKills(record.cgroup)) > 0;
  await container.link?.release();
  const ended = container.output?.ended ?? Promise.resolve();
  await Promise.race([ended, sleep(clock, drainMs)]);
  container.detach();
  await cgroups.remove(record.cgroup);
  return {
    state: "exited",
    startedAt: run.state === "created" ? "0" : run.startedAt,
    finishedAt: await finishTime(container.dir, clock),
    ...outcome(end, outOfMemory),
    message: "",
  };
}

/** Decides what a container's end is called. A program that lived on after losing a process to the memory limit, and ended well, completed. */
export function outcome(end: MonitorEnd, outOfMemory: boolean): { exitCode: number; reason: string } {
  if (end === "lost") return outOfMemory ? { exitCode: 137, reason: "OOMKilled" } : unknownExit;
  if (end.exitCode === 0) return { exitCode: 0, reason: "Completed" };
  return { exitCode: end.exitCode, reason: outOfMemory ? "OOMKilled" : "Error" };
}

/**
 * Kills everything in a container. The kernel ends all in a pid namespace with its first process; elsewhere, and after a lost monitor, what is
 * left is found by its cgroup.
 */
export async function killContainer({ run, record }: LiveContainer, cgroups: Cgroups): Promise<void> {
  if (run.state === "running" && run.init) signalProcess(run.init, "SIGKILL");
  for (const pid of await cgroups.processes(record.cgroup)) killQuietly(pid);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone between reading the list and this.
  }
}

/** The moment at which the monitor noted the exit. */
async function finishTime(dir: string, clock: Clock): Promise<string> {
  const noted = await stat(join(dir, "exit")).catch(() => undefined);
  return String(noted ? toNanos(noted.mtimeMs) : nowNanos(clock));
}
