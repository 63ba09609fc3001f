import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { namespaceInode, namespacePath } from "../../../cli/src/network/apply.ts";
import { findExecutable } from "../../../cli/src/supervisor/installation.ts";
import { processesInCgroup, removeCgroup } from "../../../cli/src/system/cgroups.ts";
import { mountsBelow, unmountBelow } from "../../../cli/src/system/mounts.ts";
import { processesInNetworkNamespace, signalProcess } from "../../../cli/src/system/processes.ts";
import { type RunOptions, run } from "../../../cli/src/system/run.ts";
import { needsRuntimeWrapper, runtimeWrapper } from "./runtime-wrapper.ts";

/** A docker engine of a test's own, in a network namespace of its own: it neither sees nor touches the machine's. */
export interface Engine {
  /** A folder for the test's files; goes with the engine. */
  readonly folder: string;
  /** Prefixes `argv` so that it runs where the engine's containers and published ports can be reached. */
  inside(argv: readonly string[]): string[];
  /** Runs a program there, with the engine as docker's and docker-compose's own. */
  run(argv: readonly string[], options?: EngineRunOptions): Promise<string>;
  /** Ends every container and process, and removes all that the engine made: mounts, cgroups, namespace, files. */
  close(): Promise<void>;
}

export interface EngineRunOptions extends RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;
const pollMs = 50;
/** Debian's docker, which knows BuildKit without a plugin. */
const docker = "/usr/bin/docker";

/** Why there can be no engine here, or undefined. */
export function engineUnavailable(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "an engine of its own needs root on Linux";
  const missing = ["containerd", "dockerd", "runc", "docker-compose", "dpkg-query"].filter(
    (name) => !findExecutable(name),
  );
  if (!existsSync(docker)) missing.push("docker");
  return missing.length > 0 ? `not installed: ${missing.join(", ")}` : undefined;
}

const prefix = "tskube-engine-";

/** Starts an engine; what engines of test runs that were killed have left is removed first. */
export async function startEngine(): Promise<Engine> {
  for (const left of staleFolders()) await new PrivateEngine(left, engineOf(left)).close();
  const engine = new PrivateEngine(mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`)), `${prefix}${process.pid}`);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Folders of engines whose test has ended. */
function staleFolders(): string[] {
  const folders = readdirSync(tmpdir()).filter((name) => /^tskube-engine-\d+-/.test(name));
  return folders.filter((name) => !existsSync(`/proc/${pidOf(name)}`)).map((name) => join(tmpdir(), name));
}

function pidOf(folder: string): string {
  return basename(folder).slice(prefix.length).split("-")[0] ?? "";
}

function engineOf(folder: string): string {
  return `${prefix}${pidOf(folder)}`;
}

class PrivateEngine implements Engine {
  readonly folder: string;
  readonly #name: string;
  readonly #daemons: ChildProcess[] = [];

  constructor(folder: string, name: string) {
    this.folder = folder;
    this.#name = name;
  }

  inside(argv: readonly string[]): string[] {
    // Not `ip netns exec`, which mounts /sys anew and hides the cgroups.
    return ["nsenter", `--net=${namespacePath(this.#name)}`, ...argv];
  }

  run(argv: readonly string[], { environment = {}, ...options }: EngineRunOptions = {}): Promise<string> {
    const variables = { DOCKER_HOST: `unix://${this.#path("docker.sock")}`, DOCKER_BUILDKIT: "1", ...environment };
    const settings = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
    return run(this.inside(["env", ...settings, ...argv]), options);
  }

  async start(): Promise<void> {
    await run(["ip", "netns", "add", this.#name]);
    await run(["ip", "-n", this.#name, "link", "set", "lo", "up"]);
    // Without containerd's own network plugins for CRI, which would listen where nobody asks.
    writeFileSync(this.#path("containerd.toml"), containerdConfig(this.folder));
    this.#start("containerd", ["containerd", "--config", this.#path("containerd.toml")]);
    await this.#until("containerd listens", async () => existsSync(this.#path("containerd.sock")));
    this.#start("dockerd", this.#dockerd());
    await this.#until("dockerd answers", async () => {
      try {
        await this.run([docker, "version"], { timeoutMs: 5_000 });
        return true;
      } catch {
        return false;
      }
    });
  }

  #dockerd(): string[] {
    const argv = [
      "dockerd",
      `--data-root=${this.#path("data")}`,
      `--exec-root=${this.#path("exec")}`,
      `--pidfile=${this.#path("dockerd.pid")}`,
      `--containerd=${this.#path("containerd.sock")}`,
      `--cgroup-parent=/${this.#name}`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      "--bip=172.31.0.1/24",
      `--host=unix://${this.#path("docker.sock")}`,
    ];
    if (!needsRuntimeWrapper(readFileSync("/proc/self/status", "utf8"))) return argv;
    const wrapper = this.#path("runc-within-bounds");
    writeFileSync(wrapper, runtimeWrapper(findExecutable("runc") ?? "runc"));
    chmodSync(wrapper, 0o755);
    return [...argv, `--add-runtime=bounded=${wrapper}`, "--default-runtime=bounded"];
  }

  #start(name: string, argv: readonly string[]): void {
    const log = openSync(this.#path(`${name}.log`), "a");
    const [program = "", ...args] = this.inside(argv);
    this.#daemons.push(spawn(program, args, { stdio: ["ignore", log, log] }));
    closeSync(log);
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while (!(await holds())) {
      const ended = this.#daemons.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
      if (ended || Date.now() > deadline) {
        const log = this.#daemons.length > 1 ? "dockerd.log" : "containerd.log";
        throw new Error(`waited in vain until ${what}: ${readFileSync(this.#path(log), "utf8").slice(-2_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async close(): Promise<void> {
    // dockerd ends its containers; then containerd, which it needs for that.
    for (const daemon of [...this.#daemons].reverse()) await stopDaemon(daemon);
    await this.#endProcesses();
    if (mountsBelow(this.folder).length > 0) await unmountBelow(this.folder);
    if (existsSync(namespacePath(this.#name))) await run(["ip", "netns", "del", this.#name]);
    removeCgroup(this.#name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Shims outlive their daemons and are found by the engine's namespace; containers outlive shims and are found by its cgroup. */
  async #endProcesses(): Promise<void> {
    const find = () => [
      ...processesInNetworkNamespace(namespacePath(this.#name), namespaceInode),
      ...processesInCgroup(this.#name),
    ];
    const deadline = Date.now() + stopTimeoutMs;
    for (let pids = find(); pids.length > 0; pids = find()) {
      if (Date.now() > deadline) throw new Error(`processes ${pids.join(", ")} of ${this.#name} do not end`);
      for (const pid of pids) signalProcess(pid, "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  #path(file: string): string {
    mkdirSync(this.folder, { recursive: true });
    return join(this.folder, file);
  }
}

/** SIGTERM, and SIGKILL for one that takes too long. */
async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return;
  const ended = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGTERM");
  const kill = setTimeout(() => daemon.kill("SIGKILL"), stopTimeoutMs);
  await ended;
  clearTimeout(kill);
}

function containerdConfig(folder: string): string {
  return `version = 2
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/containerd/opt"
`;
}
