import type { Node, NodeCondition, NodeStatus } from "@tskube/api";
import { deepEqual, isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client, EventRecorder } from "@tskube/client";
import type { Image, ImageService, RuntimeService } from "@tskube/cri";
import type { Taint } from "../config.ts";
import type { CapacityOptions, Resources } from "./capacity.ts";
import { conditionEvent } from "./conditions.ts";
import { type Machine, type MachineLoad, readLoad } from "./machine.ts";
import { newNode, nodeStatus, ownLabels } from "./node-status.ts";
import { readRuntimeState } from "./runtime-state.ts";

export interface NodeAgentDeps {
  readonly client: Client;
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly machine: Machine;
  readonly runtimeVersion: string;
  /** The node as its watch last saw it. */
  readonly node: () => Node | undefined;
  readonly addresses: () => readonly string[];
  /** Why the kubelet itself cannot run pods, as with a runtime whose state it does not get. */
  readonly problem: () => string | undefined;
  readonly load?: (dir: string) => Promise<MachineLoad>;
}

export interface NodeAgentOptions {
  readonly name: string;
  readonly rootDir: string;
  readonly port: number;
  readonly capacity: CapacityOptions;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly isSchedulable: boolean;
  readonly register: boolean;
  readonly updateMs: number;
  readonly reportMs: number;
}

/** While something is wrong the node is looked at more often, so that it is Ready soon after it can be. */
const troubledUpdateMs = 1000;
const registerRetryMs = 1000;

/** Registers the node and keeps its status true: looked at often, written on change and once in a while. */
export class NodeAgent {
  readonly #deps: NodeAgentDeps;
  readonly #options: NodeAgentOptions;
  #last: NodeStatus | undefined;
  /** As we wrote it, not as the API gives it back: a server leaves out or rewrites what means the same. */
  #written: NodeStatus | undefined;
  #reportedAtMs: number;
  #podCidr = "";
  #wake: () => void = () => {};

  constructor(deps: NodeAgentDeps, options: NodeAgentOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#reportedAtMs = deps.clock.monotonic();
  }

  /** What pods may use, as last computed. */
  get allocatable(): Resources {
    return this.#last?.allocatable ?? {};
  }

  /** Has the node looked at now: something has changed that concerns its status. */
  refresh(): void {
    this.#wake();
  }

  /** Tells the runtime the node's pod network once a controller has chosen it. */
  async setPodCidr(podCidr: string): Promise<void> {
    if (podCidr === "" || podCidr === this.#podCidr) return;
    this.#podCidr = podCidr;
    try {
      await this.#deps.runtime.updateRuntimeConfig(podCidr);
      this.#deps.logger.info({ podCidr }, "gave the runtime its pod network");
    } catch (error) {
      this.#podCidr = ""; // to be tried again with the next look
      this.#deps.logger.warn({ error: errorMessage(error) }, "cannot give the runtime its pod network");
    }
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, events } = this.#deps;
    if (this.#options.register) await this.#register(signal);
    events.record(this.#reference(), "Normal", "Starting", "Starting kubelet.");
    let isFirst = true;
    while (!signal.aborted) {
      let isTroubled = true;
      try {
        isTroubled = await this.#update(signal);
        if (isFirst)
          events.record(
            this.#reference(),
            "Normal",
            "NodeAllocatableEnforced",
            "Updated Node Allocatable limit across pods",
          );
        isFirst = false;
      } catch (error) {
        if (!signal.aborted) logger.warn({ error: errorMessage(error) }, "cannot update the node's status");
      }
      const waitMs = isTroubled ? Math.min(troubledUpdateMs, this.#options.updateMs) : this.#options.updateMs;
      const wait = new AbortController();
      this.#wake = () => wait.abort();
      await sleep(clock, waitMs, AbortSignal.any([signal, wait.signal]));
    }
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    while (!signal.aborted) {
      try {
        const status = await this.#compute(undefined);
        await this.#createOrAdopt(status, signal);
        return;
      } catch (error) {
        if (!signal.aborted)
          logger.warn({ node: this.#options.name, error: errorMessage(error) }, "cannot register the node");
        await sleep(clock, registerRetryMs, signal);
      }
    }
  }

  async #createOrAdopt(status: NodeStatus, signal: AbortSignal): Promise<void> {
    const { client, logger } = this.#deps;
    const { name, taints, isSchedulable } = this.#options;
    const all = isSchedulable ? taints : [...taints, { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }];
    const spec = { ...(all.length > 0 && { taints: [...all] }), ...(!isSchedulable && { unschedulable: true }) };
    try {
      await client.nodes().create({ ...newNode(name, this.#labels(), spec), status }, { signal });
      this.#written = status;
      logger.info({ node: name }, "registered the node");
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const known = await client.nodes().get(name, { signal });
      if (Object.entries(this.#labels()).some(([key, value]) => known.metadata.labels?.[key] !== value)) {
        await client.nodes().patch(name, { metadata: { labels: this.#labels() } }, { signal });
      }
      logger.info({ node: name }, "took over the node that is registered");
    }
  }

  #labels(): Record<string, string> {
    return { ...this.#options.labels, ...ownLabels(this.#options.name, this.#deps.machine) };
  }

  /** Returns whether the node cannot run pods. */
  async #update(signal: AbortSignal): Promise<boolean> {
    const { client, clock, node } = this.#deps;
    const { name, register, reportMs } = this.#options;
    await this.setPodCidr(node()?.spec.podCIDR ?? this.#podCidr);
    const known = node()?.status;
    const status = await this.#compute(known ?? this.#last);
    const before = this.#last;
    this.#last = status;
    const isDue = clock.monotonic() - this.#reportedAtMs >= reportMs;
    if (isDue || !this.#written || !isSame(this.#written, status) || (known && !hasConditions(known, status))) {
      try {
        await client.nodes().patchStatus(name, { status: statusPatch(known, status) }, { signal });
        this.#reportedAtMs = clock.monotonic();
        this.#written = status;
      } catch (error) {
        if (!isNotFound(error) || !register) throw error;
        await this.#register(signal); // somebody deleted the node while it lives
      }
    }
    this.#tellChanges(before?.conditions ?? [], status.conditions ?? []);
    return status.conditions?.some(({ type, status: value }) => type === "Ready" && value !== "True") ?? true;
  }

  async #compute(known: NodeStatus | undefined): Promise<NodeStatus> {
    const { addresses, clock, images, load = readLoad, machine, problem, runtime, runtimeVersion } = this.#deps;
    const { name, rootDir, port, capacity } = this.#options;
    const [state, present, current] = await Promise.all([
      readRuntimeState(runtime),
      images.listImages().catch((): Image[] => []),
      load(rootDir),
    ]);
    const own = problem();
    return nodeStatus({
      hostname: name,
      addresses: addresses(),
      machine,
      load: current,
      runtimeVersion,
      runtimeHandlers: state.handlers,
      images: present,
      port,
      capacity,
      problems: own ? [...state.problems, own] : state.problems,
      known,
      nowMs: clock.now(),
    });
  }

  #tellChanges(before: readonly NodeCondition[], after: readonly NodeCondition[]): void {
    for (const condition of after) {
      const old = before.find(({ type }) => type === condition.type);
      if (old?.status === condition.status) continue;
      if (!old && condition.type === "Ready" && condition.status !== "True") continue; // a new node is never ready at once
      const { reason, message } = conditionEvent(this.#options.name, condition);
      this.#deps.events.record(this.#reference(), "Normal", reason, message);
    }
  }

  /** Events about nodes name the node in place of a uid, as upstream's do: that is how they are found. */
  #reference() {
    const { name } = this.#options;
    return { apiVersion: "v1", kind: "Node", name, uid: name };
  }
}

/** Whether two statuses differ in nothing but when they were taken. */
function isSame(a: NodeStatus, b: NodeStatus): boolean {
  return ownKeys.every((key) => deepEqual(comparable(a, key), comparable(b, key)));
}

/** Whether the API still shows our conditions: the control plane changes them when it hears nothing of a node. */
function hasConditions(known: NodeStatus, status: NodeStatus): boolean {
  return (status.conditions ?? []).every(({ type, status: value }) =>
    known.conditions?.some((each) => each.type === type && each.status === value),
  );
}

const ownKeys = [
  "capacity",
  "allocatable",
  "conditions",
  "addresses",
  "daemonEndpoints",
  "nodeInfo",
  "images",
  "runtimeHandlers",
] as const;

function comparable(status: NodeStatus, key: (typeof ownKeys)[number]): unknown {
  if (key !== "conditions") return status[key] ?? [];
  const own = new Set(["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"]);
  return (status.conditions ?? [])
    .filter(({ type }) => own.has(type))
    .map(({ type, status: value, reason, message }) => ({ type, value, reason, message }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** Conditions are merged by type, so that those of others stay; addresses that are gone must be deleted by name. */
function statusPatch(known: NodeStatus | undefined, status: NodeStatus): Record<string, unknown> {
  const kept = new Set((status.addresses ?? []).map(({ type, address }) => `${type} ${address}`));
  const isAddressGone = (known?.addresses ?? []).some(({ type, address }) => !kept.has(`${type} ${address}`));
  return {
    ...status,
    ...(isAddressGone && { addresses: [...(status.addresses ?? []), { $patch: "replace" }] }),
  };
}
