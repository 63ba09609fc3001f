import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import {
  ContainerEventType,
  CriError,
  failedPrecondition,
  LinuxContainerResources,
  notFound,
  nowNanos,
} from "@tskube/cri";
import type { Cgroups } from "../cgroups/cgroups.ts";
import { writeFifo } from "../fifo.ts";
import { KeyedLock } from "../keyed-lock.ts";
import type { ContainerLauncher } from "../launch/launcher.ts";
import type { LaunchSpec } from "../launch/spec.ts";
import { ContainerLog } from "../logs/container-log.ts";
import { pumpOutput } from "../logs/output.ts";
import { isAlive, signalProcess } from "../process-id.ts";
import { type Authority, removeTree } from "../rootless/authority.ts";
import { concludeContainer, killContainer } from "./ending.ts";
import { LiveContainer } from "./live.ts";
import { connectMonitor, type MonitorLink, startMonitor } from "./monitor.ts";
import { programStarted } from "./program-start.ts";
import { type ContainerRecord, decodeContainer, recordFile, streamModes } from "./record.ts";
import { signalNumber } from "./signals.ts";

export interface ContainersDeps {
  /** Where each container has its directory. */
  readonly dir: string;
  readonly monitorScript: string;
  readonly launcher: ContainerLauncher;
  readonly cgroups: Cgroups;
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEvent: (container: ContainerRecord, type: ContainerEventType) => void;
}

const startErrorCode = 128;
/** After SIGKILL the kernel needs moments, not seconds, unless a process hangs in a device. */
const killPatienceMs = 10_000;

/** The containers of a node and the course of their lives. Calls on one container follow each other; different ones do not wait. */
export class Containers {
  readonly #deps: ContainersDeps;
  readonly #live = new Map<string, LiveContainer>();
  readonly #lock = new KeyedLock();

  constructor(deps: ContainersDeps) {
    this.#deps = deps;
  }

  list(): LiveContainer[] {
    return [...this.#live.values()];
  }

  of(sandboxId: string): LiveContainer[] {
    return this.list().filter(({ record }) => record.sandboxId === sandboxId);
  }

  /** A container by its id or an unambiguous beginning of it. */
  find(id: string): LiveContainer | undefined {
    const exact = this.#live.get(id);
    if (exact || id === "") return exact;
    const matches = this.list().filter(({ record }) => record.id.startsWith(id));
    return matches.length === 1 ? matches[0] : undefined;
  }

  get(id: string): LiveContainer {
    const found = this.find(id);
    if (!found) throw notFound(`an error occurred when try to find container "${id}"`);
    return found;
  }

  /** The container, which must be running. */
  running(id: string): LiveContainer {
    const container = this.get(id);
    if (container.run.state !== "running") throw failedPrecondition(`container ${id} is not running`);
    return container;
  }

  dirOf(id: string): string {
    return join(this.#deps.dir, id);
  }

  async add(record: ContainerRecord, launch: LaunchSpec): Promise<void> {
    const container = new LiveContainer(launch.dir, record);
    await this.#deps.launcher.prepare(launch);
    await container.save(record);
    this.#live.set(record.id, container);
    this.#deps.onEvent(record, ContainerEventType.CONTAINER_CREATED_EVENT);
  }

  start(id: string): Promise<void> {
    return this.#lock.run(this.get(id).record.id, () => this.#start(this.get(id)));
  }

  async #start(container: LiveContainer): Promise<void> {
    const { record, run } = container;
    if (run.state !== "created")
      throw failedPrecondition(`container "${record.id}" is in ${run.state} state, not created`);
    if (record.startError) return this.#failStart(container, record.startError);
    const startedAt = String(nowNanos(this.#deps.clock));
    await container.become({ state: "running", startedAt });
    let link: MonitorLink;
    try {
      link = await startMonitor(
        this.#deps.monitorScript,
        { dir: container.dir, ...streamModes(record.config) },
        this.#deps.authority.environment,
      );
    } catch (error) {
      return this.#failStart(container, errorMessage(error));
    }
    this.#connect(container, link);
    await this.#openStdin(container);
    const init = await link.ready;
    if (!init) return this.#failSetup(container, link);
    await programStarted(init.pid, this.#deps.clock);
    await container.become({ state: "running", startedAt, init });
    this.#deps.onEvent(container.record, ContainerEventType.CONTAINER_STARTED_EVENT);
    this.#follow(container, link);
  }

  async #failSetup(container: LiveContainer, link: MonitorLink): Promise<void> {
    await concludeContainer(container, await link.ended, this.#deps);
    const complaint = await readFile(join(container.dir, "setup.err"), "utf8").catch(() => "");
    return this.#failStart(container, complaint.trim() || "the namespaces of the container could not be set up");
  }

  async #failStart(container: LiveContainer, cause: string): Promise<never> {
    const now = String(nowNanos(this.#deps.clock));
    const message = `failed to create containerd task: unable to start container process: ${cause}`;
    await container.become({
      state: "exited",
      startedAt: "0",
      finishedAt: now,
      exitCode: startErrorCode,
      reason: "StartError",
      message,
    });
    container.exited.resolve();
    this.#deps.onEvent(container.record, ContainerEventType.CONTAINER_STOPPED_EVENT);
    throw new CriError("UNKNOWN", message);
  }

  #connect(container: LiveContainer, link: MonitorLink): void {
    const { clock, log } = this.#deps;
    const { logPath } = container.record;
    container.link = link;
    container.log = logPath
      ? new ContainerLog({ path: logPath, journalPath: join(container.dir, "journal"), now: risingTime(clock) })
      : undefined;
    container.output = pumpOutput(link.streams, container.log, { clock, log });
  }

  /** Input that is read once belongs to the runtime; the monitor would never let it end. Opening it lets the program's side open too. */
  async #openStdin(container: LiveContainer): Promise<void> {
    if (streamModes(container.record.config).stdin !== "once") return;
    container.stdin = await writeFifo(join(container.dir, "in"));
    container.stdin.on("error", () => {});
  }

  #follow(container: LiveContainer, link: MonitorLink): void {
    const conclude = async () => {
      const end = await link.ended;
      await container.become(await concludeContainer(container, end, this.#deps));
      container.exited.resolve();
      this.#deps.onEvent(container.record, ContainerEventType.CONTAINER_STOPPED_EVENT);
    };
    conclude().catch((error: unknown) => {
      this.#deps.log.error({ err: error, container: container.record.id }, "cannot conclude container");
    });
  }

  /** Stop signal, grace, kill. Holds no lock while it waits, so that a second stop with less grace is not kept waiting by the first. */
  async stop(id: string, graceSeconds: number): Promise<void> {
    const container = this.find(id);
    if (!container) return;
    if (container.run.state === "created")
      return this.#lock.run(container.record.id, () => this.#neverStarted(container));
    if (container.run.state === "exited") return;
    const { clock } = this.#deps;
    if (graceSeconds > 0) {
      if (container.run.init) signalProcess(container.run.init, signalNumber(container.record.stopSignal));
      await Promise.race([container.exited.promise, sleepUntilDone(clock, graceSeconds * 1000, container)]);
    }
    if (container.run.state !== "running") return;
    await killContainer(container, this.#deps.cgroups);
    await Promise.race([container.exited.promise, sleepUntilDone(clock, killPatienceMs, container)]);
    if (container.run.state === "running")
      throw new CriError("DEADLINE_EXCEEDED", `container "${id}" does not end after being killed`);
  }

  /** A created container that is stopped counts as exited without having run. */
  async #neverStarted(container: LiveContainer): Promise<void> {
    if (container.run.state !== "created") return;
    const now = String(nowNanos(this.#deps.clock));
    await container.become({
      state: "exited",
      startedAt: "0",
      finishedAt: now,
      exitCode: 0,
      reason: "Completed",
      message: "",
    });
    container.exited.resolve();
  }

  async remove(id: string): Promise<void> {
    const container = this.find(id);
    if (!container) return;
    await this.stop(container.record.id, 0);
    await this.#lock.run(container.record.id, async () => {
      if (!this.#live.has(container.record.id)) return;
      container.detach();
      await this.#deps.cgroups.remove(container.record.cgroup);
      await this.#deleteFiles(container);
      this.#live.delete(container.record.id);
      this.#deps.onEvent(container.record, ContainerEventType.CONTAINER_DELETED_EVENT);
    });
  }

  /** Takes up what a former runtime left: running containers go on being watched, and what ended meanwhile has its exit code. */
  async recover(): Promise<void> {
    for (const id of await readdir(this.#deps.dir)) {
      const dir = join(this.#deps.dir, id);
      const text = await readFile(recordFile(dir), "utf8").catch(() => undefined);
      // Without a record its creation never ended, and nobody was told of it.
      if (text === undefined) await removeTree(dir, this.#deps.authority);
      else this.#live.set(id, new LiveContainer(dir, decodeContainer(text)));
    }
    await Promise.all(this.list().map((container) => this.#reconnect(container)));
  }

  async #reconnect(container: LiveContainer): Promise<void> {
    const { run } = container;
    if (run.state !== "running") return;
    try {
      const link = await connectMonitor(container.dir);
      this.#connect(container, link);
      this.#follow(container, link);
      // Died in the middle of a start: the program may run, but nobody was told so and its identity is unknown.
      if (!run.init) await killContainer(container, this.#deps.cgroups);
      // Nobody should be told that it runs when it is known not to.
      else if (!isAlive(run.init))
        await Promise.race([container.exited.promise, sleepUntilDone(this.#deps.clock, killPatienceMs, container)]);
    } catch {
      // Killed before its FIFOs were there.
      const end = await concludeContainer(container, "lost", this.#deps);
      await container.become(end);
      container.exited.resolve();
    }
  }

  /** New limits for a container, kept for its status. */
  async updateResources(id: string, resources: LinuxContainerResources): Promise<void> {
    const container = this.get(id);
    await this.#lock.run(container.record.id, async () => {
      const { record } = container;
      if (record.run.state !== "exited") await this.#deps.cgroups.update(record.cgroup, resources);
      const before = record.config.linux?.resources;
      const linux = { ...record.config.linux, resources: mergeResources(before, resources) };
      await container.save({ ...record, config: { ...record.config, linux } });
    });
  }

  /** Lets go of all containers, which go on without the runtime. */
  close(): void {
    for (const container of this.#live.values()) container.detach();
  }

  async #deleteFiles({ dir, record }: LiveContainer): Promise<void> {
    await removeTree(dir, this.#deps.authority).catch((error: unknown) => {
      this.#deps.log.warn({ err: error, container: record.id }, "cannot delete container files");
      throw error;
    });
  }

  async makeDir(id: string): Promise<string> {
    const dir = this.dirOf(id);
    await mkdir(dir, { mode: 0o711 });
    return dir;
  }

  async discardDir(id: string): Promise<void> {
    await removeTree(this.dirOf(id), this.#deps.authority);
  }
}

/** Milliseconds since the epoch, each time at least a microsecond later, so that entries of one millisecond keep their order. */
function risingTime(clock: Clock): () => number {
  let last = 0;
  return () => {
    const now = clock.now();
    // A clock that was set back is followed.
    last = now > last || last - now > clockSetBackMs ? now : last + stepMs;
    return last;
  };
}

const stepMs = 0.001;
const clockSetBackMs = 1_000;

/** Waits, but leaves no timer behind when the container exits first. */
function sleepUntilDone(clock: Clock, ms: number, container: LiveContainer): Promise<void> {
  const done = new AbortController();
  void container.exited.promise.then(() => done.abort());
  return sleep(clock, ms, done.signal);
}

/** Zero and empty mean "as it was". */
function mergeResources(
  before: LinuxContainerResources | undefined,
  change: LinuxContainerResources,
): LinuxContainerResources {
  const merged = { ...LinuxContainerResources.create(before ?? {}) };
  const given = Object.entries(change).filter(([, value]) => value !== 0n && value !== "");
  return Object.assign(merged, Object.fromEntries(given));
}
