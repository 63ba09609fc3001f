import type {
  AuthConfig,
  Container,
  ContainerConfig,
  ContainerEventResponse,
  ContainerFilter,
  ContainerStats,
  ContainerStatsFilter,
  ContainerStatusResponse,
  Image,
  ImageFsInfoResponse,
  ImageSpec,
  ImageStatusResponse,
  LinuxContainerResources,
  MetricDescriptor,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxMetrics,
  PodSandboxStats,
  PodSandboxStatsFilter,
  PodSandboxStatusResponse,
  RuntimeConfigResponse,
  StatusResponse,
  VersionResponse,
} from "./types.ts";

export interface CallOptions {
  /** Gives the call up; it then fails with CANCELLED. */
  readonly signal?: AbortSignal;
  /** Overrides the client's own time limit for this call; 0 waits without limit. */
  readonly timeoutMs?: number;
}

/** Details for people, on request. */
export interface ReadOptions extends CallOptions {
  readonly verbose?: boolean;
}

export interface ExecSyncResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode: number;
}

export interface ExecOptions extends CallOptions {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * Pod sandboxes and containers of one node, as the kubelet sees them. Failures are CriErrors.
 *
 * Contract beyond the signatures (held by `describeRuntime`):
 * - stop succeeds for what is already stopped, remove for what is gone; stopping a sandbox that is gone may be NOT_FOUND, as reads of unknown ids are;
 * - a container belongs to one sandbox and starts at most once; a restart is a new container with a higher `attempt`;
 * - ids never come back, and everything survives a restart of the runtime: running containers go on, exit codes are remembered.
 */
export interface RuntimeService {
  version(options?: CallOptions): Promise<VersionResponse>;
  status(options?: ReadOptions): Promise<StatusResponse>;
  /** UNIMPLEMENTED in old runtimes: the cgroup driver is then the operator's to configure. */
  runtimeConfig(options?: CallOptions): Promise<RuntimeConfigResponse>;
  /** Tells the runtime the node's pod network, for runtimes that set networks up themselves. */
  updateRuntimeConfig(podCidr: string, options?: CallOptions): Promise<void>;

  /** Returns the sandbox's id once its namespaces and network are ready. */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler?: string, options?: CallOptions): Promise<string>;
  stopPodSandbox(sandboxId: string, options?: CallOptions): Promise<void>;
  removePodSandbox(sandboxId: string, options?: CallOptions): Promise<void>;
  podSandboxStatus(sandboxId: string, options?: ReadOptions): Promise<PodSandboxStatusResponse>;
  listPodSandbox(filter?: PodSandboxFilter, options?: CallOptions): Promise<PodSandbox[]>;
  updatePodSandboxResources(
    sandboxId: string,
    resources: LinuxContainerResources,
    overhead?: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>;

  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
    options?: CallOptions,
  ): Promise<string>;
  startContainer(containerId: string, options?: CallOptions): Promise<void>;
  /** Stop signal, `graceSeconds`, kill; returns when the container has exited. */
  stopContainer(containerId: string, graceSeconds: number, options?: CallOptions): Promise<void>;
  removeContainer(containerId: string, options?: CallOptions): Promise<void>;
  listContainers(filter?: ContainerFilter, options?: CallOptions): Promise<Container[]>;
  containerStatus(containerId: string, options?: ReadOptions): Promise<ContainerStatusResponse>;
  updateContainerResources(
    containerId: string,
    resources: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>;
  /** Opens the log file anew after its rotation. */
  reopenContainerLog(containerId: string, options?: CallOptions): Promise<void>;
  checkpointContainer(containerId: string, location: string, options?: CallOptions): Promise<void>;

  /** Runs `cmd` to its end; `timeoutSeconds` 0 waits without limit. Running out of time is DEADLINE_EXCEEDED. */
  execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    options?: CallOptions,
  ): Promise<ExecSyncResult>;
  /** Returns a URL, good for one connection within a minute. */
  exec(containerId: string, cmd: readonly string[], options: ExecOptions): Promise<string>;
  attach(containerId: string, options: ExecOptions): Promise<string>;
  portForward(sandboxId: string, ports: readonly number[], options?: CallOptions): Promise<string>;

  containerStats(containerId: string, options?: CallOptions): Promise<ContainerStats>;
  listContainerStats(filter?: ContainerStatsFilter, options?: CallOptions): Promise<ContainerStats[]>;
  podSandboxStats(sandboxId: string, options?: CallOptions): Promise<PodSandboxStats>;
  listPodSandboxStats(filter?: PodSandboxStatsFilter, options?: CallOptions): Promise<PodSandboxStats[]>;
  listMetricDescriptors(options?: CallOptions): Promise<MetricDescriptor[]>;
  listPodSandboxMetrics(options?: CallOptions): Promise<PodSandboxMetrics[]>;

  /**
   * Events from the call on, until `signal` aborts (a clean end) or the runtime goes away (an error). UNIMPLEMENTED, as the first thing
   * thrown, in runtimes without events.
   */
  containerEvents(signal: AbortSignal): AsyncIterable<ContainerEventResponse>;
}

/** Images of one node. Failures are CriErrors. */
export interface ImageService {
  /** `image` is a hint: some runtimes answer with all images anyway. */
  listImages(image?: ImageSpec, options?: CallOptions): Promise<Image[]>;
  /** `image` is absent in the answer when there is no such image. */
  imageStatus(image: ImageSpec, options?: ReadOptions): Promise<ImageStatusResponse>;
  /** Returns the reference by which containers should use the image. */
  pullImage(
    image: ImageSpec,
    auth?: AuthConfig,
    sandboxConfig?: PodSandboxConfig,
    options?: CallOptions,
  ): Promise<string>;
  removeImage(image: ImageSpec, options?: CallOptions): Promise<void>;
  imageFsInfo(options?: CallOptions): Promise<ImageFsInfoResponse>;
}
