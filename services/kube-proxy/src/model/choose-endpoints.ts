import type { Endpoint, EndpointSlice } from "@tskube/api";
import type { ProxyEndpoint, TrafficTarget } from "./service-port.ts";

/** What of the own node decides where traffic goes. */
export interface NodeTopology {
  readonly nodeName: string;
  /** The label topology.kubernetes.io/zone. */
  readonly zone: string | undefined;
}

interface Candidate extends ProxyEndpoint {
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isTerminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

export interface ChosenEndpoints {
  readonly clusterEndpoints: readonly ProxyEndpoint[];
  readonly localEndpoints: readonly ProxyEndpoint[];
  readonly hasEndpoints: boolean;
}

/**
 * The endpoints of one service port for this node, as upstream's kube-proxy chooses them (pkg/proxy/topology.go): ready ones; where
 * there are none, those that still serve while they terminate; hints for this node or zone are kept to when every ready endpoint has them.
 */
export function chooseEndpoints(
  slices: readonly EndpointSlice[],
  portName: string,
  node: NodeTopology,
  targets: readonly TrafficTarget[],
): ChosenEndpoints {
  const candidates = collect(slices, portName, node.nodeName);
  const ready = candidates.filter(({ isReady }) => isReady);
  const cluster = ready.length > 0 ? withinTopology(ready, node) : candidates.filter(isServingWhileTerminating);
  const local = targets.includes("Local") ? localOnes(candidates) : [];
  const wantsCluster = targets.includes("Cluster");
  return {
    clusterEndpoints: wantsCluster ? cluster.map(toEndpoint) : [],
    localEndpoints: local.map(toEndpoint),
    hasEndpoints: cluster.length > 0 || local.length > 0,
  };
}

function localOnes(candidates: readonly Candidate[]): Candidate[] {
  const onNode = candidates.filter(({ isLocal }) => isLocal);
  const ready = onNode.filter(({ isReady }) => isReady);
  return ready.length > 0 ? ready : onNode.filter(isServingWhileTerminating);
}

function isServingWhileTerminating({ isServing, isTerminating }: Candidate): boolean {
  return isServing && isTerminating;
}

/** Hints count only when no ready endpoint lacks them and at least one is for here; else traffic would be lost. */
function withinTopology(ready: readonly Candidate[], node: NodeTopology): readonly Candidate[] {
  const forNode = ready.filter(({ nodeHints }) => nodeHints.includes(node.nodeName));
  if (forNode.length > 0 && ready.every(({ nodeHints }) => nodeHints.length > 0)) return forNode;
  const { zone } = node;
  if (zone === undefined) return ready;
  const forZone = ready.filter(({ zoneHints }) => zoneHints.includes(zone));
  return forZone.length > 0 && ready.every(({ zoneHints }) => zoneHints.length > 0) ? forZone : ready;
}

/** One candidate per address and port: while an endpoint moves between slices it stands in both. Sorted, so that renderings are stable. */
function collect(slices: readonly EndpointSlice[], portName: string, nodeName: string): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    for (const port of slice.ports ?? []) {
      if ((port.name ?? "") !== portName || port.port === undefined) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const candidate = toCandidate(endpoint, port.port, nodeName);
        if (!candidate) continue;
        const key = `${candidate.address}:${candidate.port}`;
        const known = found.get(key);
        if (!known || (!known.isReady && candidate.isReady)) found.set(key, candidate);
      }
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, candidate]) => candidate);
}

/** Absent conditions mean ready, and serving as ready says (discovery/v1 EndpointConditions). */
function toCandidate(
  { addresses, conditions, nodeName, hints }: Endpoint,
  port: number,
  self: string,
): Candidate | undefined {
  const address = addresses[0];
  if (address === undefined) return undefined;
  const isReady = conditions?.ready ?? true;
  return {
    address,
    port,
    isLocal: nodeName === self,
    isReady,
    isServing: conditions?.serving ?? isReady,
    isTerminating: conditions?.terminating ?? false,
    zoneHints: hints?.forZones?.map(({ name }) => name) ?? [],
    nodeHints: hints?.forNodes?.map(({ name }) => name) ?? [],
  };
}

function toEndpoint({ address, port, isLocal }: Candidate): ProxyEndpoint {
  return { address, port, isLocal };
}
