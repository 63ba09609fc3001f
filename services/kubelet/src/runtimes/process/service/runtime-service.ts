import type { Clock } from "@tskube/base";
import {
  CgroupDriver,
  type EventHub,
  hasLabels,
  matchesContainer,
  matchesSandbox,
  nowNanos,
  type RuntimeService,
  unimplemented,
} from "@tskube/cri";
import { cri } from "@tskube/proto-gen";
import type { Cgroups } from "../cgroups/cgroups.ts";
import type { Containers } from "../containers/containers.ts";
import type { LiveContainer } from "../containers/live.ts";
import type { ContainerLauncher } from "../launch/launcher.ts";
import type { PodNetwork } from "../network/network.ts";
import type { Sandboxes } from "../sandboxes/sandboxes.ts";
import { type CreateContainerDeps, createContainer } from "./create-container.ts";
import { execCommand } from "./exec-command.ts";
import { runExecSync } from "./exec-sync.ts";
import { StatsReader } from "./stats.ts";
import { containerSummary, sandboxStatus, sandboxSummary, statusesOf, statusOf } from "./statuses.ts";

/** Hands out URLs for sessions that leave gRPC. */
export interface StreamingUrls {
  exec(container: LiveContainer, cmd: readonly string[], streams: StreamChoice): Promise<string>;
  attach(container: LiveContainer, streams: StreamChoice): Promise<string>;
  portForward(sandboxId: string, ports: readonly number[]): Promise<string>;
}

export interface StreamChoice {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface RuntimeServiceDeps extends CreateContainerDeps {
  readonly clock: Clock;
  readonly sandboxes: Sandboxes;
  readonly containers: Containers;
  readonly launcher: ContainerLauncher;
  readonly network: PodNetwork;
  readonly cgroups: Cgroups;
  readonly events: EventHub;
  readonly streaming: StreamingUrls;
  readonly version: string;
}

export function createRuntimeService(deps: RuntimeServiceDeps): RuntimeService {
  const { sandboxes, containers, network, clock, events, streaming } = deps;
  const stats = new StatsReader(deps);

  const stopContainers = async (sandboxId: string) => {
    await Promise.all(containers.of(sandboxId).map(({ record }) => containers.stop(record.id, 0)));
  };
  const running = () => containers.list().filter(({ run }) => run.state === "running");

  return {
    version: async () => ({
      version: "0.1.0",
      runtimeName: "tskube-process",
      runtimeVersion: deps.version,
      runtimeApiVersion: "v1",
    }),
    async status() {
      const { isReady, message } = await network.status();
      const reason = isReady ? "" : "NetworkPluginNotReady";
      return cri.StatusResponse.fromPartial({
        status: {
          conditions: [
            { type: "RuntimeReady", status: true },
            { type: "NetworkReady", status: isReady, reason, message },
          ],
        },
        runtimeHandlers: [{ name: "", features: {} }],
        features: { supplementalGroupsPolicy: true },
      });
    },
    runtimeConfig: async () => ({ linux: { cgroupDriver: CgroupDriver.CGROUPFS } }),
    updateRuntimeConfig: (podCidr) => network.setPodCidr(podCidr),

    runPodSandbox: (config, runtimeHandler = "") => sandboxes.run(config, runtimeHandler),
    async stopPodSandbox(sandboxId) {
      const sandbox = sandboxes.find(sandboxId);
      if (!sandbox) return;
      await stopContainers(sandbox.record.id);
      await sandboxes.stop(sandbox.record.id);
    },
    async removePodSandbox(sandboxId) {
      const sandbox = sandboxes.find(sandboxId);
      if (!sandbox) return;
      const { id } = sandbox.record;
      await stopContainers(id);
      await sandboxes.stop(id);
      await Promise.all(containers.of(id).map(({ record }) => containers.remove(record.id)));
      await sandboxes.remove(id);
      stats.forget(id);
    },
    async podSandboxStatus(sandboxId) {
      const sandbox = sandboxes.get(sandboxId);
      const containersStatuses = statusesOf(containers, sandbox.record.id);
      return { status: sandboxStatus(sandbox), info: {}, containersStatuses, timestamp: nowNanos(clock) };
    },
    async listPodSandbox(filter) {
      return sandboxes
        .list()
        .map(sandboxSummary)
        .filter((sandbox) => matchesSandbox(sandbox, filter));
    },
    async updatePodSandboxResources(sandboxId) {
      // The kubelet owns the pod's cgroup and has written it before it tells.
      sandboxes.get(sandboxId);
    },

    createContainer: (sandboxId, config, sandboxConfig) => createContainer(deps, sandboxId, config, sandboxConfig),
    startContainer: (containerId) => containers.start(containerId),
    stopContainer: (containerId, graceSeconds) => containers.stop(containerId, graceSeconds),
    async removeContainer(containerId) {
      await containers.remove(containerId);
      stats.forget(containerId);
    },
    async listContainers(filter) {
      return containers
        .list()
        .map(({ record }) => containerSummary(record))
        .filter((one) => matchesContainer(one, filter));
    },
    containerStatus: async (containerId) => ({ status: statusOf(containers.get(containerId).record), info: {} }),
    updateContainerResources: (containerId, resources) => containers.updateResources(containerId, resources),
    async reopenContainerLog(containerId) {
      containers.running(containerId).log?.reopen();
    },
    checkpointContainer: async () => {
      throw unimplemented("CheckpointContainer");
    },

    async execSync(containerId, cmd, timeoutSeconds, options) {
      const command = await execCommand(deps, containers.running(containerId), cmd);
      return runExecSync(command, clock, { timeoutMs: timeoutSeconds * 1000, signal: options?.signal });
    },
    async exec(containerId, cmd, options) {
      return streaming.exec(containers.running(containerId), cmd, options);
    },
    async attach(containerId, options) {
      return streaming.attach(containers.running(containerId), options);
    },
    async portForward(sandboxId, ports) {
      return streaming.portForward(sandboxes.get(sandboxId).record.id, ports);
    },

    containerStats: (containerId) => stats.container(containers.get(containerId)),
    listContainerStats(filter) {
      const wanted = running().filter(
        ({ record }) =>
          (!filter?.id || record.id === filter.id) &&
          (!filter?.podSandboxId || record.sandboxId === filter.podSandboxId) &&
          hasLabels(record.config.labels, filter?.labelSelector),
      );
      return Promise.all(wanted.map((container) => stats.container(container)));
    },
    podSandboxStats(sandboxId) {
      const { record } = sandboxes.get(sandboxId);
      return stats.sandbox(
        record,
        running().filter((container) => container.record.sandboxId === record.id),
      );
    },
    listPodSandboxStats(filter) {
      const wanted = sandboxes
        .list()
        .filter(
          ({ record, isReady }) =>
            isReady &&
            (!filter?.id || record.id === filter.id) &&
            hasLabels(record.config.labels, filter?.labelSelector),
        );
      return Promise.all(
        wanted.map(({ record }) =>
          stats.sandbox(
            record,
            running().filter((container) => container.record.sandboxId === record.id),
          ),
        ),
      );
    },
    listMetricDescriptors: async () => [],
    listPodSandboxMetrics: async () => [],
    containerEvents: (signal) => events.subscribe(signal),
  };
}
