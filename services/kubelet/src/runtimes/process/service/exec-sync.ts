import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type Clock, sleep } from "@tskube/base";
import { CriError, type ExecSyncResult } from "@tskube/cri";
import type { CommandLine } from "../launch/launcher.ts";

export interface ExecSyncOptions {
  /** 0 waits without limit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Of each stream; the rest is read and dropped. */
const outputLimitBytes = 16 * 1024 * 1024;
/** How long output may still come after the command has ended: a process that it left behind may hold its streams. */
const drainMs = 500;

/** Runs a command to its end and collects its output. */
export async function runExecSync(
  command: CommandLine,
  clock: Clock,
  options: ExecSyncOptions,
): Promise<ExecSyncResult> {
  const child = spawn(command.file, command.args, {
    cwd: "/",
    env: execEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const failure = new Promise<never>((_resolve, reject) => child.once("error", reject));
  failure.catch(() => {});
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 137)));
  const given = limitOf(clock, options);
  const outcome = await Promise.race([exited, given.reached, failure]);
  given.cancel();
  if (typeof outcome !== "number") {
    await killExec(child);
    throw outcome;
  }
  const drained = new AbortController();
  void closed.then(() => drained.abort());
  await sleep(clock, drainMs, drained.signal);
  child.stdout.destroy();
  child.stderr.destroy();
  return { stdout: stdout(), stderr: stderr(), exitCode: outcome };
}

/** The environment of our own helpers; the program's is part of the command. */
export const execEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"], LC_ALL: "C" });

function limitOf(clock: Clock, { timeoutMs, signal }: ExecSyncOptions): { reached: Promise<CriError>; cancel(): void } {
  let cancelTimer = () => {};
  let onAbort = () => {};
  const reached = new Promise<CriError>((resolve) => {
    const late = () => resolve(new CriError("DEADLINE_EXCEEDED", `command timed out after ${timeoutMs / 1000}s`));
    if (timeoutMs > 0) cancelTimer = clock.after(timeoutMs, late);
    onAbort = () => resolve(new CriError("CANCELLED", "the caller has gone away"));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  return {
    reached,
    cancel() {
      cancelTimer();
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/**
 * Kills a command that was started inside a container. What we hold is only the helper that waits for it outside; the command is its child.
 */
export async function killExec(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  for (const pid of await childrenOf(child.pid)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended by itself in this moment.
    }
  }
  child.kill("SIGKILL");
}

export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    const room = outputLimitBytes - size;
    if (room <= 0) return;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks);
}
