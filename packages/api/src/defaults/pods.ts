import type {
  ConfigMapVolumeSource,
  Container,
  DownwardAPIVolumeSource,
  EphemeralContainer,
  HostPathVolumeSource,
  HTTPGetAction,
  ObjectFieldSelector,
  Pod,
  PodSpec,
  Probe,
  ProjectedVolumeSource,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeSource,
} from "../generated/core/v1.ts";
import { schemaOf } from "../schema/index.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";
import { defaultPullPolicy } from "./image.ts";
import { defaultPodLevelResources, requestsFromLimits } from "./pod-resources.ts";

/** Read by the owner, written by nobody else: 0644. */
const defaultMode = 0o644;

export const podDefaults: DefaultsByType = {
  "core/v1.Pod": defaultPod,
  "core/v1.PodSpec": defaultPodSpec,
  "core/v1.Container": defaultContainer,
  "core/v1.EphemeralContainer": defaultContainer,
  "core/v1.Volume": defaultVolume,
  "core/v1.Probe": (probe: Probe) => {
    probe.timeoutSeconds ||= 1;
    probe.periodSeconds ||= 10;
    probe.successThreshold ||= 1;
    probe.failureThreshold ||= 3;
  },
  "core/v1.HTTPGetAction": (action: HTTPGetAction) => {
    action.path ||= "/";
    action.scheme ||= "HTTP";
  },
  "core/v1.ObjectFieldSelector": (selector: ObjectFieldSelector) => {
    selector.apiVersion ||= "v1";
  },
  "core/v1.SecretVolumeSource": (source: SecretVolumeSource) => {
    source.defaultMode ??= defaultMode;
  },
  "core/v1.ConfigMapVolumeSource": (source: ConfigMapVolumeSource) => {
    source.defaultMode ??= defaultMode;
  },
  "core/v1.DownwardAPIVolumeSource": (source: DownwardAPIVolumeSource) => {
    source.defaultMode ??= defaultMode;
  },
  "core/v1.ProjectedVolumeSource": (source: ProjectedVolumeSource) => {
    source.defaultMode ??= defaultMode;
  },
  "core/v1.ServiceAccountTokenProjection": (projection: ServiceAccountTokenProjection) => {
    projection.expirationSeconds ??= 3600;
  },
  "core/v1.HostPathVolumeSource": (source: HostPathVolumeSource) => {
    source.type ??= "";
  },
};

/** What only a pod gets and a template does not, so that templates stay as they were written. */
function defaultPod({ spec }: Pod): void {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const container of containers) requestsFromLimits(container.resources);
  defaultPodLevelResources(spec);
  spec.enableServiceLinks ??= true;
  if (!spec.hostNetwork) return;
  for (const port of containers.flatMap((container) => container.ports ?? [])) port.hostPort ||= port.containerPort;
}

function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= "default-scheduler";
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
}

let sourceNames: readonly string[] | undefined;

function defaultVolume(volume: Volume): void {
  sourceNames ??= schemaOf("core/v1.VolumeSource").fields.map(({ name }) => name);
  const source: VolumeSource = volume;
  if (sourceNames.every((name) => source[name as keyof VolumeSource] === undefined)) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? "");
}
