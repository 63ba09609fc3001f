import type { Clock } from "@tskube/base";
import { cri } from "@tskube/proto-gen";
import { CriError, failedPrecondition, notFound, unimplemented } from "../../error.ts";
import type { EventHub } from "../../event-hub.ts";
import { hasLabels, matchesContainer, matchesSandbox } from "../../filters.ts";
import { newId } from "../../id.ts";
import type { RuntimeService } from "../../runtime.ts";
import { nowNanos } from "../../time.ts";
import { CgroupDriver, ContainerState, NamespaceMode, type PodSandboxConfig, PodSandboxState } from "../../types.ts";
import type { FakeImages } from "./images.ts";
import {
  containerStatus,
  containerSummary,
  type FakeContainer,
  isRunning,
  sandboxStatus,
  sandboxSummary,
} from "./records.ts";
import { fakeContainerStats, fakeSandboxStats } from "./stats.ts";
import type { FakeWorld } from "./world.ts";

export type FakeConditions = Map<string, { readonly status: boolean; readonly message: string }>;

export interface FakeRuntimeDeps {
  readonly clock: Clock;
  readonly world: FakeWorld;
  readonly images: FakeImages;
  readonly events: EventHub;
  readonly conditions: FakeConditions;
  readonly hasEvents: boolean;
  readonly streamingBase: string;
}

/** The CRI calls, each a reading or a change of the fake world. */
export function createFakeRuntime({
  clock,
  world,
  images,
  events,
  conditions,
  hasEvents,
  streamingBase,
}: FakeRuntimeDeps): RuntimeService {
  const streamUrl = (kind: string) => `${streamingBase}/${kind}/${newId().slice(0, 8)}`;

  const runtime: RuntimeService = {
    version: async () => ({
      version: "0.1.0",
      runtimeName: "fake",
      runtimeVersion: "0.1.0",
      runtimeApiVersion: "v1",
    }),
    async status() {
      const list = [...conditions].map(([type, { status, message }]) => ({
        type,
        status,
        message,
        reason: status ? "" : `${type.replace("Ready", "")}NotReady`,
      }));
      return cri.StatusResponse.fromPartial({ status: { conditions: list }, runtimeHandlers: [{ name: "" }] });
    },
    runtimeConfig: async () => ({ linux: { cgroupDriver: CgroupDriver.CGROUPFS } }),
    updateRuntimeConfig: async () => {},

    async runPodSandbox(config, runtimeHandler = "") {
      const same = [...world.sandboxes.values()].find((other) => sameMetadata(other.config, config));
      if (same)
        throw new CriError("ALREADY_EXISTS", `sandbox "${config.metadata?.name}" is already there as ${same.id}`);
      const network = config.linux?.securityContext?.namespaceOptions?.network;
      return world.addSandbox(config, runtimeHandler, network === NamespaceMode.NODE).id;
    },
    async stopPodSandbox(sandboxId) {
      const sandbox = world.sandboxes.get(sandboxId);
      if (!sandbox) return;
      for (const container of world.containersOf(sandboxId)) if (isRunning(container)) world.exit(container, 137);
      sandbox.state = PodSandboxState.SANDBOX_NOTREADY;
    },
    async removePodSandbox(sandboxId) {
      if (!world.sandboxes.has(sandboxId)) return;
      await runtime.stopPodSandbox(sandboxId);
      for (const container of world.containersOf(sandboxId)) world.remove(container);
      world.sandboxes.delete(sandboxId);
    },
    async podSandboxStatus(sandboxId) {
      const status = sandboxStatus(world.sandbox(sandboxId));
      const containersStatuses = world.containersOf(sandboxId).map(containerStatus);
      return { status, info: {}, containersStatuses, timestamp: nowNanos(clock) };
    },
    async listPodSandbox(filter) {
      return [...world.sandboxes.values()].map(sandboxSummary).filter((sandbox) => matchesSandbox(sandbox, filter));
    },
    async updatePodSandboxResources(sandboxId) {
      world.sandbox(sandboxId);
    },

    async createContainer(sandboxId, config) {
      const sandbox = world.sandbox(sandboxId);
      if (sandbox.state !== PodSandboxState.SANDBOX_READY) {
        throw failedPrecondition(`sandbox container "${sandboxId}" is not running`);
      }
      const image = images.find(config.image?.image ?? "");
      if (!image) throw notFound(`failed to resolve image "${config.image?.image}"`);
      return world.addContainer(sandbox, config, image.id).id;
    },
    async startContainer(containerId) {
      const container = world.container(containerId);
      if (container.state !== ContainerState.CONTAINER_CREATED) {
        throw failedPrecondition(`container "${containerId}" is not in the created state`);
      }
      await world.start(container);
    },
    async stopContainer(containerId, graceSeconds) {
      const container = world.containers.get(containerId);
      if (container) await world.stop(container, graceSeconds);
    },
    async removeContainer(containerId) {
      const container = world.containers.get(containerId);
      if (container) world.remove(container);
    },
    async listContainers(filter) {
      return [...world.containers.values()].map(containerSummary).filter((item) => matchesContainer(item, filter));
    },
    containerStatus: async (containerId) => ({ status: containerStatus(world.container(containerId)), info: {} }),
    async updateContainerResources(containerId, resources) {
      const { linux } = world.container(containerId).config;
      if (linux) linux.resources = resources;
    },
    async reopenContainerLog(containerId) {
      if (!isRunning(world.container(containerId))) throw failedPrecondition("container is not running");
    },
    checkpointContainer: async () => {
      throw unimplemented("CheckpointContainer");
    },

    async execSync(containerId, cmd) {
      const container = running(containerId);
      const { stdout = "", stderr = "", exitCode = 0 } = (await container.behaviour.exec?.(cmd)) ?? {};
      return { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode };
    },
    async exec(containerId) {
      running(containerId);
      return streamUrl("exec");
    },
    async attach(containerId) {
      running(containerId);
      return streamUrl("attach");
    },
    async portForward(sandboxId) {
      world.sandbox(sandboxId);
      return streamUrl("portforward");
    },

    containerStats: async (containerId) => fakeContainerStats(world.container(containerId), clock),
    async listContainerStats(filter) {
      const wanted = [...world.containers.values()].filter(
        ({ id, sandboxId, config, state }) =>
          state === ContainerState.CONTAINER_RUNNING &&
          (!filter?.id || id === filter.id) &&
          (!filter?.podSandboxId || sandboxId === filter.podSandboxId) &&
          hasLabels(config.labels, filter?.labelSelector),
      );
      return wanted.map((container) => fakeContainerStats(container, clock));
    },
    async podSandboxStats(sandboxId) {
      return fakeSandboxStats(world.sandbox(sandboxId), world.containersOf(sandboxId).filter(isRunning), clock);
    },
    async listPodSandboxStats(filter) {
      const wanted = [...world.sandboxes.values()].filter(
        ({ id, config }) => (!filter?.id || id === filter.id) && hasLabels(config.labels, filter?.labelSelector),
      );
      return wanted.map((sandbox) =>
        fakeSandboxStats(sandbox, world.containersOf(sandbox.id).filter(isRunning), clock),
      );
    },
    listMetricDescriptors: async () => [],
    listPodSandboxMetrics: async () => [],
    containerEvents(signal) {
      if (!hasEvents) throw unimplemented("GetContainerEvents");
      return events.subscribe(signal);
    },
  };

  function running(containerId: string): FakeContainer {
    const container = world.container(containerId);
    if (!isRunning(container)) throw failedPrecondition(`container ${containerId} is not running`);
    return container;
  }

  return runtime;
}

function sameMetadata(a: PodSandboxConfig, b: PodSandboxConfig): boolean {
  const key = ({ metadata }: PodSandboxConfig) =>
    [metadata?.namespace, metadata?.name, metadata?.uid, metadata?.attempt].join("/");
  return key(a) === key(b);
}
