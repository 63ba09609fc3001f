import type { cri } from "@tskube/proto-gen";
import type { RuntimeService } from "../runtime.ts";
import { LinuxContainerResources } from "../types.ts";
import { demand, unary } from "./adapt.ts";
import { streamEvents } from "./events.ts";

/** gRPC handlers over a runtime service. */
export function runtimeHandlers(runtime: RuntimeService): cri.RuntimeServiceServer {
  return {
    ...nodeHandlers(runtime),
    ...sandboxHandlers(runtime),
    ...containerHandlers(runtime),
    ...streamHandlers(runtime),
    ...statsHandlers(runtime),
    getContainerEvents: (call) => streamEvents(runtime, call),
  };
}

function nodeHandlers(runtime: RuntimeService) {
  return {
    version: unary((_request: cri.VersionRequest, options) => runtime.version(options)),
    status: unary(({ verbose }: cri.StatusRequest, options) => runtime.status({ ...options, verbose })),
    runtimeConfig: unary((_request: cri.RuntimeConfigRequest, options) => runtime.runtimeConfig(options)),
    updateRuntimeConfig: unary(async ({ runtimeConfig }: cri.UpdateRuntimeConfigRequest, options) => {
      await runtime.updateRuntimeConfig(runtimeConfig?.networkConfig?.podCidr ?? "", options);
      return {};
    }),
  };
}

function sandboxHandlers(runtime: RuntimeService) {
  return {
    runPodSandbox: unary(async ({ config, runtimeHandler }: cri.RunPodSandboxRequest, options) => ({
      podSandboxId: await runtime.runPodSandbox(demand(config, "config"), runtimeHandler, options),
    })),
    stopPodSandbox: unary(async ({ podSandboxId }: cri.StopPodSandboxRequest, options) => {
      await runtime.stopPodSandbox(podSandboxId, options);
      return {};
    }),
    removePodSandbox: unary(async ({ podSandboxId }: cri.RemovePodSandboxRequest, options) => {
      await runtime.removePodSandbox(podSandboxId, options);
      return {};
    }),
    podSandboxStatus: unary(({ podSandboxId, verbose }: cri.PodSandboxStatusRequest, options) =>
      runtime.podSandboxStatus(podSandboxId, { ...options, verbose }),
    ),
    listPodSandbox: unary(async ({ filter }: cri.ListPodSandboxRequest, options) => ({
      items: await runtime.listPodSandbox(filter, options),
    })),
    updatePodSandboxResources: unary(async (request: cri.UpdatePodSandboxResourcesRequest, options) => {
      const resources = request.resources ?? LinuxContainerResources.create();
      await runtime.updatePodSandboxResources(request.podSandboxId, resources, request.overhead, options);
      return {};
    }),
  };
}

function containerHandlers(runtime: RuntimeService) {
  return {
    createContainer: unary(async ({ podSandboxId, config, sandboxConfig }: cri.CreateContainerRequest, options) => ({
      containerId: await runtime.createContainer(
        podSandboxId,
        demand(config, "config"),
        demand(sandboxConfig, "sandbox_config"),
        options,
      ),
    })),
    startContainer: unary(async ({ containerId }: cri.StartContainerRequest, options) => {
      await runtime.startContainer(containerId, options);
      return {};
    }),
    stopContainer: unary(async ({ containerId, timeout }: cri.StopContainerRequest, options) => {
      await runtime.stopContainer(containerId, Number(timeout), options);
      return {};
    }),
    removeContainer: unary(async ({ containerId }: cri.RemoveContainerRequest, options) => {
      await runtime.removeContainer(containerId, options);
      return {};
    }),
    listContainers: unary(async ({ filter }: cri.ListContainersRequest, options) => ({
      containers: await runtime.listContainers(filter, options),
    })),
    containerStatus: unary(({ containerId, verbose }: cri.ContainerStatusRequest, options) =>
      runtime.containerStatus(containerId, { ...options, verbose }),
    ),
    updateContainerResources: unary(async ({ containerId, linux }: cri.UpdateContainerResourcesRequest, options) => {
      await runtime.updateContainerResources(containerId, demand(linux, "linux"), options);
      return {};
    }),
    reopenContainerLog: unary(async ({ containerId }: cri.ReopenContainerLogRequest, options) => {
      await runtime.reopenContainerLog(containerId, options);
      return {};
    }),
    checkpointContainer: unary(async ({ containerId, location }: cri.CheckpointContainerRequest, options) => {
      await runtime.checkpointContainer(containerId, location, options);
      return {};
    }),
  };
}

function streamHandlers(runtime: RuntimeService) {
  return {
    execSync: unary(({ containerId, cmd, timeout }: cri.ExecSyncRequest, options) =>
      runtime.execSync(containerId, cmd, Number(timeout), options),
    ),
    exec: unary(async ({ containerId, cmd, tty, stdin, stdout, stderr }: cri.ExecRequest, options) => ({
      url: await runtime.exec(containerId, cmd, { ...options, tty, stdin, stdout, stderr }),
    })),
    attach: unary(async ({ containerId, tty, stdin, stdout, stderr }: cri.AttachRequest, options) => ({
      url: await runtime.attach(containerId, { ...options, tty, stdin, stdout, stderr }),
    })),
    portForward: unary(async ({ podSandboxId, port }: cri.PortForwardRequest, options) => ({
      url: await runtime.portForward(podSandboxId, port, options),
    })),
  };
}

function statsHandlers(runtime: RuntimeService) {
  return {
    containerStats: unary(async ({ containerId }: cri.ContainerStatsRequest, options) => ({
      stats: await runtime.containerStats(containerId, options),
    })),
    listContainerStats: unary(async ({ filter }: cri.ListContainerStatsRequest, options) => ({
      stats: await runtime.listContainerStats(filter, options),
    })),
    podSandboxStats: unary(async ({ podSandboxId }: cri.PodSandboxStatsRequest, options) => ({
      stats: await runtime.podSandboxStats(podSandboxId, options),
    })),
    listPodSandboxStats: unary(async ({ filter }: cri.ListPodSandboxStatsRequest, options) => ({
      stats: await runtime.listPodSandboxStats(filter, options),
    })),
    listMetricDescriptors: unary(async (_request: cri.ListMetricDescriptorsRequest, options) => ({
      descriptors: await runtime.listMetricDescriptors(options),
    })),
    listPodSandboxMetrics: unary(async (_request: cri.ListPodSandboxMetricsRequest, options) => ({
      podMetrics: await runtime.listPodSandboxMetrics(options),
    })),
  };
}
