import { type Clock, systemClock } from "@tskube/base";
import type { CriError } from "../../error.ts";
import { createEventHub } from "../../event-hub.ts";
import type { RuntimeService } from "../../runtime.ts";
import { PodSandboxState } from "../../types.ts";
import type { FakeBehaviours, FakeLogLine } from "./behaviour.ts";
import { createFakeImages, type FakeImageOptions, type FakeImages } from "./images.ts";
import { recordCalls } from "./record-calls.ts";
import { type FakeContainer, isRunning } from "./records.ts";
import { createFakeRuntime, type FakeConditions } from "./runtime.ts";
import { FakeWorld } from "./world.ts";

export interface FakeCriOptions extends FakeImageOptions {
  readonly clock?: Clock;
  readonly behaviours?: FakeBehaviours;
  /** False imitates runtimes without GetContainerEvents, as containerd 1.6. */
  readonly hasEvents?: boolean;
  /** Where exec, attach and port-forward URLs point. */
  readonly streamingBase?: string;
}

/** A runtime without processes: containers do what `behaviours` declares, or what a test makes them do. */
export interface FakeCri {
  readonly runtime: RuntimeService;
  readonly images: FakeImages;
  /** Names of the runtime methods called, in order. */
  readonly calls: readonly string[];
  /** The next call of `method` fails with `error`. */
  failNext(method: keyof RuntimeService, error: CriError): void;
  /** The newest container of this name (or id); undefined when there is none. */
  container(nameOrId: string): FakeContainer | undefined;
  /** Makes a running container exit. */
  exit(nameOrId: string, exitCode: number, reason?: string): void;
  log(nameOrId: string, line: FakeLogLine): Promise<void>;
  /** The pause process of a sandbox dies: NOTREADY, and its containers with it. */
  killSandbox(sandboxId: string): void;
  /** Changes what Status reports; both are ready at the start. */
  setCondition(type: "RuntimeReady" | "NetworkReady", status: boolean, message?: string): void;
}

export function createFakeCri(options: FakeCriOptions = {}): FakeCri {
  const {
    clock = systemClock,
    behaviours = () => ({}),
    hasEvents = true,
    streamingBase = "http://127.0.0.1:1",
  } = options;
  const events = createEventHub();
  const world = new FakeWorld({ clock, events, behaviours });
  const images = createFakeImages(options);
  const conditions: FakeConditions = new Map([
    ["RuntimeReady", { status: true, message: "" }],
    ["NetworkReady", { status: true, message: "" }],
  ]);
  const runtime = createFakeRuntime({ clock, world, images, events, conditions, hasEvents, streamingBase });

  function container(nameOrId: string): FakeContainer | undefined {
    const byName = [...world.containers.values()].filter(({ config }) => config.metadata?.name === nameOrId);
    return world.containers.get(nameOrId) ?? byName.at(-1);
  }

  function known(nameOrId: string): FakeContainer {
    const found = container(nameOrId);
    if (!found) throw new Error(`there is no container ${nameOrId}`);
    return found;
  }

  const { recorded, calls, failNext } = recordCalls(runtime);
  return {
    runtime: recorded,
    images,
    calls,
    failNext,
    container,
    exit: (nameOrId, exitCode, reason) => world.exit(known(nameOrId), exitCode, reason),
    log: (nameOrId, line) => world.log(known(nameOrId), line),
    killSandbox(sandboxId) {
      world.sandbox(sandboxId).state = PodSandboxState.SANDBOX_NOTREADY;
      for (const one of world.containersOf(sandboxId)) if (isRunning(one)) world.exit(one, 137);
    },
    setCondition: (type, status, message = "") => conditions.set(type, { status, message }),
  };
}
