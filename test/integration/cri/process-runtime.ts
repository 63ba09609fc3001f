import { type ChildProcess, type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type CriClient, createCriClient } from "@tskube/cri";

const main = resolve(fileURLToPath(import.meta.url), "../../../../services/kubelet/src/runtimes/process/main.ts");

/** Why the process runtime cannot be tested here; undefined when it can. */
export function cannotRun(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  return existsSync("/bin/busybox") ? undefined : "needs busybox-static";
}

/** A process runtime in a network namespace of its own, as a node would have it. */
export interface ProcessNode {
  readonly netns: string;
  readonly dir: string;
  readonly socket: string;
  readonly client: CriClient;
  /** The server's pid. */
  readonly pid: number;
  /** Monitors, sandbox processes and what else runs in the node's pods. */
  processes(): number[];
  /** A connection to a port of the node's loopback, which the test itself cannot reach. */
  connect(options: { readonly port?: string | number | null }): Duplex;
  /** Kills the server with SIGKILL; what it runs goes on. */
  crash(): Promise<void>;
  /** Starts the server again after a crash. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A connection through a relay's standard streams. It ends with what can be read: that the relay takes no more, for the far side is done, says
 * nothing of what has come from there and is not read yet.
 */
function relayed({ stdin, stdout }: ChildProcessWithoutNullStreams): Duplex {
  stdin.on("error", () => {}); // the far side has closed
  const connection = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (stdin.writable) stdin.write(chunk, () => done());
      else done();
    },
    final: (done) => {
      stdin.end();
      done();
    },
    destroy: (error, done) => {
      stdin.destroy();
      stdout.destroy();
      done(error);
    },
  });
  stdout.on("data", (chunk: Buffer) => {
    if (!connection.push(chunk)) stdout.pause();
  });
  stdout.on("end", () => connection.push(null));
  return connection;
}

let counter = 0;

export async function startProcessNode(extraArgs: readonly string[] = []): Promise<ProcessNode> {
  const netns = `tskcri-${process.pid}-${counter++}`;
  const dir = await mkdtemp(join(tmpdir(), "tskube-cri-it-"));
  const socket = join(dir, "cri.sock");
  execFileSync("ip", ["netns", "add", netns]);
  execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
  const args = [
    ["--socket", socket],
    ["--root", join(dir, "root")],
    ["--pod-cidr", "10.244.77.0/24"],
    ["--cgroup-root", `/${netns}`],
  ].flat();
  let server: ChildProcess;

  async function start(): Promise<void> {
    const log = openSync(join(dir, "log"), "a");
    const node = [process.execPath, "--import", "tsx", main, ...args, ...extraArgs];
    server = spawn("nsenter", [`--net=/run/netns/${netns}`, "--", ...node], { stdio: ["ignore", log, log] });
    closeSync(log);
    const died = once(server, "exit");
    await Promise.race([
      listening(),
      died.then(() => Promise.reject(new Error(readFileSync(join(dir, "log"), "utf8")))),
    ]);
  }

  async function listening(): Promise<void> {
    while (!(await probe(socket))) await new Promise((wake) => setTimeout(wake, 20));
  }

  await start();
  const client = createCriClient(socket);
  return {
    netns,
    dir,
    socket,
    client,
    get pid() {
      return server.pid ?? 0;
    },
    connect({ port }) {
      const relay = spawn("nsenter", [`--net=/run/netns/${netns}`, "--", "busybox", "nc", "127.0.0.1", String(port)]);
      return relayed(relay);
    },
    processes: () => processesOf(dir, netns),
    async crash() {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
    restart: start,
    async close() {
      for (const { id } of await client.runtime.listPodSandbox()) await client.runtime.removePodSandbox(id);
      client.close();
      const exited = once(server, "exit");
      server.kill("SIGTERM");
      await exited;
      execFileSync("ip", ["netns", "del", netns]);
      removeCgroups(netns);
      await rm(dir, { recursive: true });
    },
  };
}

async function probe(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  const client = createCriClient(socket);
  try {
    await client.runtime.version({ timeoutMs: 2_000 });
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

function removeCgroups(name: string): void {
  for (const controller of readdirSync("/sys/fs/cgroup")) {
    const dir = join("/sys/fs/cgroup", controller, name);
    if (existsSync(dir)) execFileSync("find", [dir, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"]);
  }
}

/** What a runtime could leave behind on the machine, as counts that a test compares before and after. */
export interface Traces {
  readonly mounts: number;
  readonly processes: number;
  readonly links: number;
  readonly sharedMemory: number;
}

/** Counts only what belongs to this node: other tests run on the machine at the same time. */
export function tracesOf({ dir, netns }: ProcessNode): Traces {
  const links = execFileSync("ip", ["-n", netns, "-o", "link"], { encoding: "utf8" });
  return {
    mounts: readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(dir)).length,
    processes: processesOf(dir, netns).length,
    links: links.split("\n").filter((line) => line.includes("veth")).length,
    sharedMemory: sandboxesOf(dir).filter((id) => existsSync(`/dev/shm/tskube-${id.slice(0, 16)}`)).length,
  };
}

/** By the node's directory in a command line (monitors) and by the node's cgroups (all in containers and sandboxes). */
function processesOf(dir: string, netns: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const belongs = (pid: string) => {
    try {
      const isHelper = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${dir}/root/`);
      return isHelper || readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(`/${netns}/`);
    } catch {
      return false;
    }
  };
  return [...new Set([...pids.filter(belongs).map(Number), ...pausesOf(dir)])];
}

/** Sandbox processes show nothing of where they belong; their records do. */
function pausesOf(dir: string): number[] {
  return sandboxesOf(dir).flatMap((id) => {
    const record = JSON.parse(readFileSync(join(dir, "root/sandboxes", id, "sandbox.json"), "utf8")) as {
      pause: { pid: number };
    };
    return existsSync(`/proc/${record.pause.pid}`) ? [record.pause.pid] : [];
  });
}

const sandboxesOf = (dir: string): string[] => readdirSync(join(dir, "root/sandboxes"));
