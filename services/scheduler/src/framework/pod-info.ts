import type { Pod } from "@tskube/api";
import { type AffinityTerms, affinityTermsOf } from "./affinity-terms.ts";
import { type HostPort, hostPortsOf } from "./host-ports.ts";
import { type NonZeroRequests, podRequests } from "./pod-requests.ts";
import type { Resources } from "./resources.ts";

/** A pod with what plugins ask of it parsed once. Immutable. */
export interface PodInfo {
  readonly pod: Pod;
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly priority: number;
  readonly requests: Resources;
  readonly nonZero: NonZeroRequests;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: AffinityTerms;
  /** Keys of the claims it mounts: `namespace/name`. */
  readonly claimKeys: readonly string[];
}

const parsed = new WeakMap<Pod, PodInfo>();

/** Parsed once per object: informers hand the same one to everybody. */
export function podInfoOf(pod: Pod): PodInfo {
  let info = parsed.get(pod);
  if (!info) {
    info = parse(pod);
    parsed.set(pod, info);
  }
  return info;
}

function parse(pod: Pod): PodInfo {
  const { namespace = "", name, uid = "" } = pod.metadata;
  return {
    pod,
    key: `${namespace}/${name}`,
    uid: uid ?? "",
    priority: pod.spec?.priority ?? 0,
    ...podRequests(pod),
    hostPorts: hostPortsOf(pod),
    affinity: affinityTermsOf(pod),
    claimKeys: claimKeysOf(pod),
  };
}

/** The same pod as if it were bound already: what it asks for is not parsed again. */
export function placedOn(info: PodInfo, nodeName: string): PodInfo {
  const { pod } = info;
  const spec = { ...pod.spec, containers: pod.spec?.containers ?? [], nodeName };
  const placed: PodInfo = { ...info, pod: { ...pod, spec } };
  parsed.set(placed.pod, placed);
  return placed;
}

function claimKeysOf(pod: Pod): string[] {
  const keys: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral && ephemeralClaimName(pod, volume.name));
    if (claim) keys.push(`${pod.metadata.namespace ?? ""}/${claim}`);
  }
  return keys;
}

/** The claim that is made for a generic ephemeral volume. */
export function ephemeralClaimName(pod: Pod, volume: string): string {
  return `${pod.metadata.name}-${volume}`;
}

export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}
