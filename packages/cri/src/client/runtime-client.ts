import type { cri } from "@tskube/proto-gen";
import { CriError } from "../error.ts";
import type { RuntimeService } from "../runtime.ts";
import { callUnary } from "./call.ts";
import { readEvents } from "./events.ts";
import { type CriTimeouts, timeoutFor } from "./timeouts.ts";

/** The runtime service behind a gRPC channel. */
export function createRuntimeClient(client: cri.RuntimeServiceClient, timeouts: CriTimeouts): RuntimeService {
  const { requestMs, runPodSandboxMs } = timeouts;
  return {
    version: (options) => callUnary(client.version.bind(client), { version: "v1" }, requestMs, options),
    status: (options) =>
      callUnary(client.status.bind(client), { verbose: options?.verbose ?? false }, requestMs, options),
    runtimeConfig: (options) => callUnary(client.runtimeConfig.bind(client), {}, requestMs, options),
    async updateRuntimeConfig(podCidr, options) {
      const request = { runtimeConfig: { networkConfig: { podCidr } } };
      await callUnary(client.updateRuntimeConfig.bind(client), request, requestMs, options);
    },

    async runPodSandbox(config, runtimeHandler = "", options) {
      const request = { config, runtimeHandler };
      return (await callUnary(client.runPodSandbox.bind(client), request, runPodSandboxMs, options)).podSandboxId;
    },
    async stopPodSandbox(podSandboxId, options) {
      await callUnary(client.stopPodSandbox.bind(client), { podSandboxId }, requestMs, options);
    },
    async removePodSandbox(podSandboxId, options) {
      await callUnary(client.removePodSandbox.bind(client), { podSandboxId }, requestMs, options);
    },
    podSandboxStatus(podSandboxId, options) {
      const request = { podSandboxId, verbose: options?.verbose ?? false };
      return callUnary(client.podSandboxStatus.bind(client), request, requestMs, options);
    },
    async listPodSandbox(filter, options) {
      return (await callUnary(client.listPodSandbox.bind(client), { filter }, requestMs, options)).items;
    },
    async updatePodSandboxResources(podSandboxId, resources, overhead, options) {
      const request = { podSandboxId, resources, overhead };
      await callUnary(client.updatePodSandboxResources.bind(client), request, requestMs, options);
    },

    async createContainer(podSandboxId, config, sandboxConfig, options) {
      const request = { podSandboxId, config, sandboxConfig };
      return (await callUnary(client.createContainer.bind(client), request, requestMs, options)).containerId;
    },
    async startContainer(containerId, options) {
      await callUnary(client.startContainer.bind(client), { containerId }, requestMs, options);
    },
    async stopContainer(containerId, graceSeconds, options) {
      const request = { containerId, timeout: BigInt(Math.ceil(graceSeconds)) };
      await callUnary(client.stopContainer.bind(client), request, timeoutFor(graceSeconds, timeouts), options);
    },
    async removeContainer(containerId, options) {
      await callUnary(client.removeContainer.bind(client), { containerId }, requestMs, options);
    },
    async listContainers(filter, options) {
      return (await callUnary(client.listContainers.bind(client), { filter }, requestMs, options)).containers;
    },
    containerStatus(containerId, options) {
      const request = { containerId, verbose: options?.verbose ?? false };
      return callUnary(client.containerStatus.bind(client), request, requestMs, options);
    },
    async updateContainerResources(containerId, linux, options) {
      const request = { containerId, linux, annotations: {} };
      await callUnary(client.updateContainerResources.bind(client), request, requestMs, options);
    },
    async reopenContainerLog(containerId, options) {
      await callUnary(client.reopenContainerLog.bind(client), { containerId }, requestMs, options);
    },
    async checkpointContainer(containerId, location, options) {
      const request = { containerId, location, timeout: 0n };
      await callUnary(client.checkpointContainer.bind(client), request, requestMs, options);
    },

    execSync(containerId, cmd, timeoutSeconds, options) {
      const request = { containerId, cmd: [...cmd], timeout: BigInt(Math.ceil(timeoutSeconds)) };
      const limitMs = timeoutSeconds === 0 ? 0 : timeoutFor(timeoutSeconds, timeouts);
      return callUnary(client.execSync.bind(client), request, limitMs, options);
    },
    async exec(containerId, cmd, options) {
      const { tty, stdin, stdout, stderr } = options;
      const request = { containerId, cmd: [...cmd], tty, stdin, stdout, stderr };
      return (await callUnary(client.exec.bind(client), request, requestMs, options)).url;
    },
    async attach(containerId, options) {
      const { tty, stdin, stdout, stderr } = options;
      const request = { containerId, tty, stdin, stdout, stderr };
      return (await callUnary(client.attach.bind(client), request, requestMs, options)).url;
    },
    async portForward(podSandboxId, ports, options) {
      const request = { podSandboxId, port: [...ports] };
      return (await callUnary(client.portForward.bind(client), request, requestMs, options)).url;
    },

    async containerStats(containerId, options) {
      const { stats } = await callUnary(client.containerStats.bind(client), { containerId }, requestMs, options);
      return required(stats, "ContainerStats");
    },
    async listContainerStats(filter, options) {
      return (await callUnary(client.listContainerStats.bind(client), { filter }, requestMs, options)).stats;
    },
    async podSandboxStats(podSandboxId, options) {
      const { stats } = await callUnary(client.podSandboxStats.bind(client), { podSandboxId }, requestMs, options);
      return required(stats, "PodSandboxStats");
    },
    async listPodSandboxStats(filter, options) {
      return (await callUnary(client.listPodSandboxStats.bind(client), { filter }, requestMs, options)).stats;
    },
    async listMetricDescriptors(options) {
      return (await callUnary(client.listMetricDescriptors.bind(client), {}, requestMs, options)).descriptors;
    },
    async listPodSandboxMetrics(options) {
      return (await callUnary(client.listPodSandboxMetrics.bind(client), {}, requestMs, options)).podMetrics;
    },

    containerEvents: (signal) => readEvents(client, signal),
  };
}

function required<T>(value: T | undefined, call: string): T {
  if (value === undefined) throw new CriError("INTERNAL", `the runtime answered ${call} without stats`);
  return value;
}
