import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { deferred } from "../deferred.ts";
import { readFifo, streamEnd, tellFifo } from "../fifo.ts";
import type { LaunchSpec } from "../launch/spec.ts";
import type { LogStream } from "../logs/streams.ts";
import { type ProcessId, parseStat } from "../process-id.ts";

/** The last word of a monitor: an exit code, or "lost" when it died without having noted one. */
export type MonitorEnd = { readonly exitCode: number } | "lost";

/** The runtime's side of the FIFOs of one container's monitor. */
export interface MonitorLink {
  readonly streams: Readonly<Record<LogStream, Socket>>;
  /** The container's first process once its program is about to run; undefined when the start failed. Never settles after a reattachment. */
  readonly ready: Promise<ProcessId | undefined>;
  /** Resolves when the container's process has ended. */
  readonly ended: Promise<MonitorEnd>;
  /** Lets the monitor go, so that the streams end; call it once the container has ended. */
  release(): Promise<void>;
}

/** Starts a monitor for the container prepared in `dir`. Its life is its own from then on. */
export async function startMonitor(
  script: string,
  { dir, stdin, tty }: Pick<LaunchSpec, "dir" | "stdin" | "tty">,
  environment: NodeJS.ProcessEnv,
): Promise<MonitorLink> {
  const child = spawn("/bin/sh", [script, dir, stdin, tty ? "tty" : "pipe"], {
    cwd: "/",
    detached: true,
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.unref();
  // Says "fifos" when they exist; ends without a word if they cannot be made.
  const [said] = (await Promise.race([once(child.stdout, "data"), once(child.stdout, "end"), failed(child)])) as [
    Buffer?,
  ];
  if (!said) throw new Error(`cannot create the FIFOs of a container in ${dir}`);
  child.stdout.destroy();
  return connectMonitor(dir);
}

async function failed(child: ReturnType<typeof spawn>): Promise<never> {
  const [error] = (await once(child, "error")) as [Error];
  throw new Error("cannot start a container monitor", { cause: error });
}

/** Connects to the monitor of a container, be it running, ended or dead. */
export async function connectMonitor(dir: string, open = readFifo): Promise<MonitorLink> {
  const [stdout, stderr, alive] = await Promise.all(["out", "err", "alive"].map((name) => open(join(dir, name))));
  if (!stdout || !stderr || !alive) throw new Error(`the FIFOs in ${dir} are gone`);
  const messages = listen(alive);
  // Its message may have been read by a runtime that died before it could let the monitor go.
  const recorded = await recordedExit(dir);
  if (recorded !== undefined) messages.settle(recorded);
  return {
    streams: { stdout, stderr },
    ready: messages.ready,
    ended: messages.exitCode.then(async (exitCode) => {
      const code = exitCode ?? (await recordedExit(dir));
      return code === undefined ? "lost" : { exitCode: code };
    }),
    async release() {
      await tellFifo(join(dir, "ack"), "");
      alive.destroy();
    },
  };
}

interface Messages {
  readonly ready: Promise<ProcessId | undefined>;
  readonly exitCode: Promise<number | undefined>;
  settle(exitCode: number | undefined): void;
}

/** Reads `ready STAT` and `exit CODE`; the end of the stream settles whatever has not come. */
function listen(alive: Socket): Messages {
  let text = "";
  const ready = deferred<ProcessId | undefined>();
  const exitCode = deferred<number | undefined>();
  const settle = (code: number | undefined) => {
    ready.resolve(undefined);
    exitCode.resolve(code);
  };
  alive.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line.startsWith("ready ")) ready.resolve(parseStat(line.slice("ready ".length)));
      if (line.startsWith("exit ")) settle(Number(line.slice("exit ".length)));
    }
  });
  void streamEnd(alive).then(() => settle(undefined)); // a monitor that died with its node may have ended it before now
  return { ready: ready.promise, exitCode: exitCode.promise, settle };
}

/** The exit code that a monitor has left on disk. */
export async function recordedExit(dir: string): Promise<number | undefined> {
  const text = await readFile(join(dir, "exit"), "utf8").catch(() => "");
  const code = Number.parseInt(text, 10);
  return Number.isInteger(code) ? code : undefined;
}
