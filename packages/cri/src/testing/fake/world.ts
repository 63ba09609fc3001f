import { appendFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "@tskube/base";
import { notFound } from "../../error.ts";
import type { EventHub } from "../../event-hub.ts";
import { newId } from "../../id.ts";
import { formatLogEntry, formatLogTime } from "../../log-format.ts";
import { nowNanos } from "../../time.ts";
import {
  type ContainerConfig,
  ContainerEventResponse,
  ContainerEventType,
  ContainerState,
  type PodSandboxConfig,
  PodSandboxState,
} from "../../types.ts";
import type { FakeBehaviours, FakeLogLine } from "./behaviour.ts";
import { containerStatus, type FakeContainer, type FakeSandbox, isRunning, sandboxStatus } from "./records.ts";

export interface FakeWorldDeps {
  readonly clock: Clock;
  readonly events: EventHub;
  readonly behaviours: FakeBehaviours;
}

/** What exists in a fake runtime, and how its containers move from state to state. */
export class FakeWorld {
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly containers = new Map<string, FakeContainer>();
  readonly #deps: FakeWorldDeps;
  #nextIp = 2;

  constructor(deps: FakeWorldDeps) {
    this.#deps = deps;
  }

  sandbox(id: string): FakeSandbox {
    return this.sandboxes.get(id) ?? raise(notFound(`an error occurred when try to find sandbox "${id}"`));
  }

  container(id: string): FakeContainer {
    return this.containers.get(id) ?? raise(notFound(`an error occurred when try to find container "${id}"`));
  }

  containersOf(sandboxId: string): FakeContainer[] {
    return [...this.containers.values()].filter((container) => container.sandboxId === sandboxId);
  }

  addSandbox(config: PodSandboxConfig, runtimeHandler: string, onNodeNetwork: boolean): FakeSandbox {
    const number = this.#nextIp++;
    const sandbox: FakeSandbox = {
      id: newId(),
      config,
      runtimeHandler,
      createdAt: nowNanos(this.#deps.clock),
      ip: onNodeNetwork ? "" : `10.244.${(number >> 8) & 255}.${number & 255}`,
      state: PodSandboxState.SANDBOX_READY,
    };
    this.sandboxes.set(sandbox.id, sandbox);
    return sandbox;
  }

  addContainer(sandbox: FakeSandbox, config: ContainerConfig, imageId: string): FakeContainer {
    const { logDirectory } = sandbox.config;
    const container: FakeContainer = {
      id: newId(),
      sandboxId: sandbox.id,
      config,
      imageId,
      logFile: logDirectory && config.logPath ? join(logDirectory, config.logPath) : undefined,
      createdAt: nowNanos(this.#deps.clock),
      behaviour: {},
      state: ContainerState.CONTAINER_CREATED,
      startedAt: 0n,
      finishedAt: 0n,
      exitCode: 0,
      reason: "",
      message: "",
      cancelExit: () => {},
      onExit: [],
    };
    this.containers.set(container.id, container);
    this.announce(container, ContainerEventType.CONTAINER_CREATED_EVENT);
    return container;
  }

  async start(container: FakeContainer): Promise<void> {
    const behaviour = this.#deps.behaviours(container.config);
    container.behaviour = behaviour;
    if (behaviour.startError !== undefined) {
      this.exit(container, 128, "StartError", behaviour.startError);
      throw new Error(behaviour.startError);
    }
    container.startedAt = nowNanos(this.#deps.clock);
    container.state = ContainerState.CONTAINER_RUNNING;
    for (const line of behaviour.logs ?? []) await this.log(container, line);
    this.announce(container, ContainerEventType.CONTAINER_STARTED_EVENT);
    if (behaviour.exitAfterMs === undefined) return;
    const exit = () => this.exit(container, behaviour.exitCode ?? 0, behaviour.reason);
    container.cancelExit = this.#deps.clock.after(behaviour.exitAfterMs, exit);
  }

  exit(container: FakeContainer, exitCode: number, reason?: string, message = ""): void {
    if (container.state === ContainerState.CONTAINER_EXITED) return;
    container.cancelExit();
    container.state = ContainerState.CONTAINER_EXITED;
    container.finishedAt = nowNanos(this.#deps.clock);
    container.exitCode = exitCode;
    container.reason = reason ?? (exitCode === 0 ? "Completed" : "Error");
    container.message = message;
    for (const notify of container.onExit.splice(0)) notify();
    this.announce(container, ContainerEventType.CONTAINER_STOPPED_EVENT);
  }

  /** Resolves when the container has exited: obeying, of its own accord meanwhile, or killed when the grace time is over. */
  stop(container: FakeContainer, graceSeconds: number): Promise<void> {
    if (!isRunning(container)) return Promise.resolve();
    if (!container.behaviour.ignoresStop) {
      this.exit(container, container.behaviour.exitCode ?? 0);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(graceSeconds * 1000, () => this.exit(container, 137));
      container.onExit.push(cancel, resolve);
    });
  }

  remove(container: FakeContainer): void {
    this.exit(container, 137);
    this.containers.delete(container.id);
    this.announce(container, ContainerEventType.CONTAINER_DELETED_EVENT);
  }

  async log(container: FakeContainer, { stream = "stdout", text }: FakeLogLine): Promise<void> {
    if (!container.logFile) return;
    await mkdir(dirname(container.logFile), { recursive: true });
    await appendFile(container.logFile, formatLogEntry(formatLogTime(this.#deps.clock.now()), stream, true, text));
  }

  announce(container: FakeContainer, containerEventType: ContainerEventType): void {
    const sandbox = this.sandboxes.get(container.sandboxId);
    this.#deps.events.publish(
      ContainerEventResponse.fromPartial({
        containerId: container.id,
        containerEventType,
        createdAt: nowNanos(this.#deps.clock),
        podSandboxStatus: sandbox ? sandboxStatus(sandbox) : {},
        containersStatuses: this.containersOf(container.sandboxId).map(containerStatus),
      }),
    );
  }
}

function raise(error: Error): never {
  throw error;
}
