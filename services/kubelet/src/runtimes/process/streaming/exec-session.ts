import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { type Clock, errorMessage, sleep } from "@tskube/base";
import type { CommandLine } from "../launch/launcher.ts";
import { childrenOf, execEnvironment, killExec } from "../service/exec-sync.ts";
import type { RemoteStreams } from "./remote-streams.ts";
import { errorStatus, exitStatus } from "./status.ts";
import { createResizer, onTerminal } from "./terminal.ts";

/** How long output may still come after the command has ended. */
const drainMs = 1_000;

/** Runs a command with a client's streams until it ends or the client goes; then it is killed. */
export async function runExecSession(
  command: CommandLine,
  streams: RemoteStreams,
  options: { tty: boolean; clock: Clock },
): Promise<void> {
  const { file, args } = options.tty ? onTerminal(command) : command;
  const child = spawn(file, args, {
    cwd: "/",
    env: { ...execEnvironment(), SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "pipe", options.tty ? "pipe" : "ignore"],
  });
  const kill = () => void killSession(child);
  streams.gone.addEventListener("abort", kill, { once: true });
  connect(child, streams, options.tty);
  try {
    const exitCode = await exitOf(child);
    await drained(child, options.clock);
    await streams.finish(exitStatus(exitCode));
  } catch (error) {
    await streams.finish(errorStatus(`error executing command in container: ${errorMessage(error)}`));
  } finally {
    streams.gone.removeEventListener("abort", kill);
  }
}

function connect(child: ChildProcess, streams: RemoteStreams, tty: boolean): void {
  const { stdin, stdout, stderr } = child;
  if (streams.stdin && stdin) {
    stdin.on("error", () => {}); // the command does not read any more
    streams.stdin.pipe(stdin);
  } else if (!tty) stdin?.end(); // a terminal whose input ends hangs up on its program
  pipeOrDrop(stdout, streams.stdout);
  pipeOrDrop(stderr, streams.stderr);
  if (!tty) return;
  const terminal = terminalName(child);
  streams.onResize(createResizer(() => terminal));
}

/** Output that nobody asked for is read all the same: its writer would stop otherwise. */
function pipeOrDrop(source: Readable | null, target: Writable | undefined): void {
  if (target) source?.pipe(target, { end: false });
  else source?.resume();
}

async function terminalName(child: ChildProcess): Promise<string> {
  const channel = child.stdio[3] as Readable | null | undefined;
  if (!channel) return "";
  const [name] = (await Promise.race([once(channel, "data"), once(channel, "end")])) as [Buffer?];
  return name?.toString().trim() ?? "";
}

async function exitOf(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 137;
}

/** Waits for the ends of the output, but not for processes that the command left behind with its streams. */
async function drained(child: ChildProcess, clock: Clock): Promise<void> {
  const closed = new AbortController();
  child.once("close", () => closed.abort());
  if (child.stdout?.readableEnded && child.stderr?.readableEnded) return;
  await sleep(clock, drainMs, closed.signal);
}

/** On a terminal there is one more helper between us and the command. */
async function killSession(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  for (const helper of await childrenOf(child.pid)) {
    for (const pid of await childrenOf(helper)) killQuietly(pid);
  }
  await killExec(child);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended by itself.
  }
}
