import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readFifo, streamEnd } from "../fifo.ts";
import { writeAtomic } from "../files/atomic.ts";
import { isAlive, type ProcessId, parseStat, signalProcess } from "../process-id.ts";
import type { Authority } from "../rootless/authority.ts";
import { type PauseOptions, pauseScript, unshareFlags } from "./pause-script.ts";

/** A pause process in the making: its namespaces exist, its network not yet. */
export interface StartingPause {
  readonly process: ProcessId;
  /** Sets up the inside of the network with lines for `ip -batch`; the process is on its own afterwards. */
  finish(inside: readonly string[]): Promise<void>;
  abandon(): void;
}

export async function startPause(options: PauseOptions, authority: Authority): Promise<StartingPause> {
  const { dir } = options;
  await writeAtomic(join(dir, "pause.sh"), pauseScript(options));
  const [file = "", ...args] = [
    ...authority.prefix,
    "unshare",
    ...unshareFlags(options),
    "--",
    "/bin/sh",
    join(dir, "pause.sh"),
  ];
  const child = spawn(file, args, {
    cwd: "/",
    detached: true,
    env: authority.environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.unref();
  const talk = conversation(child);
  const id = parseStat(await talk.nextLine());
  if (!id) throw new Error("cannot read the identity of a sandbox process");
  return {
    process: id,
    async finish(inside) {
      await writeAtomic(join(dir, "net.batch"), inside.map((line) => `${line}\n`).join(""));
      child.stdin?.write("\n");
      await talk.nextLine();
      talk.close();
    },
    abandon() {
      talk.close();
      signalProcess(id, "SIGKILL");
    },
  };
}

/** Lines from a child; a child that ends instead makes the waiting fail with what it wrote to standard error. */
function conversation(child: ChildProcess) {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("a sandbox process has no pipes");
  const complaints: Buffer[] = [];
  stderr.on("data", (chunk: Buffer) => complaints.length < 16 && complaints.push(chunk));
  stdin.on("error", () => {});
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const failure = new Promise<never>((_resolve, reject) => child.once("error", reject));
  failure.catch(() => {});
  return {
    async nextLine(): Promise<string> {
      const next = await Promise.race([lines.next(), failure]);
      if (next.done)
        throw new Error(`cannot set up the namespaces of a pod: ${Buffer.concat(complaints).toString().trim()}`);
      return next.value;
    },
    close() {
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
    },
  };
}

/** Resolves when the sandbox process of `dir` is no more; at once when it has gone long ago. */
export async function pauseEnded(dir: string, id: ProcessId): Promise<{ ended: Promise<void>; close(): void }> {
  if (!isAlive(id)) return { ended: Promise.resolve(), close() {} };
  const alive = await readFifo(join(dir, "alive"));
  alive.resume();
  return { ended: streamEnd(alive), close: () => alive.destroy() };
}
