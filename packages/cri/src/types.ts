import { cri } from "@tskube/proto-gen";

/** The messages of CRI v1 that consumers meet; the rest are under `cri` of `@tskube/proto-gen`. Each has `fromPartial` to fill defaults. */
export const {
  CgroupDriver,
  Container,
  ContainerConfig,
  ContainerEventResponse,
  ContainerEventType,
  ContainerMetadata,
  ContainerState,
  ContainerStats,
  ContainerStatus,
  Image,
  ImageSpec,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  Mount,
  MountPropagation,
  NamespaceMode,
  NamespaceOption,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxMetadata,
  PodSandboxState,
  PodSandboxStatus,
  Protocol,
  SecurityProfile_ProfileType,
  Signal,
  SupplementalGroupsPolicy,
} = cri;

export type AuthConfig = cri.AuthConfig;
export type CgroupDriver = cri.CgroupDriver;
export type Container = cri.Container;
export type ContainerConfig = cri.ContainerConfig;
export type ContainerEventResponse = cri.ContainerEventResponse;
export type ContainerEventType = cri.ContainerEventType;
export type ContainerFilter = cri.ContainerFilter;
export type ContainerMetadata = cri.ContainerMetadata;
export type ContainerState = cri.ContainerState;
export type ContainerStats = cri.ContainerStats;
export type ContainerStatsFilter = cri.ContainerStatsFilter;
export type ContainerStatus = cri.ContainerStatus;
export type ContainerStatusResponse = cri.ContainerStatusResponse;
export type DeepPartial<T> = cri.DeepPartial<T>;
export type Device = cri.Device;
export type FilesystemUsage = cri.FilesystemUsage;
export type Image = cri.Image;
export type ImageFsInfoResponse = cri.ImageFsInfoResponse;
export type ImageSpec = cri.ImageSpec;
export type ImageStatusResponse = cri.ImageStatusResponse;
export type KeyValue = cri.KeyValue;
export type LinuxContainerResources = cri.LinuxContainerResources;
export type LinuxContainerSecurityContext = cri.LinuxContainerSecurityContext;
export type LinuxPodSandboxConfig = cri.LinuxPodSandboxConfig;
export type LinuxSandboxSecurityContext = cri.LinuxSandboxSecurityContext;
export type MetricDescriptor = cri.MetricDescriptor;
export type Mount = cri.Mount;
export type MountPropagation = cri.MountPropagation;
export type NamespaceMode = cri.NamespaceMode;
export type NamespaceOption = cri.NamespaceOption;
export type PodSandbox = cri.PodSandbox;
export type PodSandboxConfig = cri.PodSandboxConfig;
export type PodSandboxFilter = cri.PodSandboxFilter;
export type PodSandboxMetadata = cri.PodSandboxMetadata;
export type PodSandboxMetrics = cri.PodSandboxMetrics;
export type PodSandboxState = cri.PodSandboxState;
export type PodSandboxStats = cri.PodSandboxStats;
export type PodSandboxStatsFilter = cri.PodSandboxStatsFilter;
export type PodSandboxStatus = cri.PodSandboxStatus;
export type PodSandboxStatusResponse = cri.PodSandboxStatusResponse;
export type PortMapping = cri.PortMapping;
export type Protocol = cri.Protocol;
export type RuntimeCondition = cri.RuntimeCondition;
export type RuntimeConfigResponse = cri.RuntimeConfigResponse;
export type Signal = cri.Signal;
export type StatusResponse = cri.StatusResponse;
export type VersionResponse = cri.VersionResponse;
