import type { Node } from "@tskube/api";
import type { HostPort } from "./host-ports.ts";
import type { PodInfo } from "./pod-info.ts";
import { addResources, cloneResources, noResources, type Resources, resourcesOf } from "./resources.ts";

/** An image and where it is; shared by all nodes that have it. */
export interface ImageState {
  sizeBytes: number;
  readonly nodes: Set<string>;
}

/** A node with the sums of its pods, kept as pods come and go. */
export class NodeInfo {
  /** Absent while only pods of it are known: the node is not there yet, or gone. */
  node: Node | undefined;
  readonly name: string;
  readonly pods = new Map<string, PodInfo>();
  readonly podsWithAffinity = new Map<string, PodInfo>();
  readonly podsWithRequiredAntiAffinity = new Map<string, PodInfo>();
  /** Host ports by their owner's key. */
  readonly hostPorts = new Map<string, readonly HostPort[]>();
  /** How many pods mount a claim. */
  readonly claimUses = new Map<string, number>();
  requested: Resources = noResources();
  nonZeroMilliCpu = 0;
  nonZeroMemory = 0;
  allocatable: Resources = noResources();
  images: ReadonlyMap<string, ImageState> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  setNode(node: Node, images: ReadonlyMap<string, ImageState>): void {
    this.node = node;
    this.allocatable = resourcesOf(node.status?.allocatable);
    this.images = images;
  }

  forgetNode(): void {
    this.node = undefined;
    this.allocatable = noResources();
    this.images = new Map();
  }

  addPod(info: PodInfo): void {
    if (this.pods.has(info.key)) this.removePod(info.key);
    this.pods.set(info.key, info);
    const { affinity, hostPorts } = info;
    const hasAnti = affinity.requiredAnti.length > 0;
    if (hasAnti) this.podsWithRequiredAntiAffinity.set(info.key, info);
    if (hasAnti || affinity.required.length > 0 || affinity.preferred.length > 0 || affinity.preferredAnti.length > 0)
      this.podsWithAffinity.set(info.key, info);
    if (hostPorts.length > 0) this.hostPorts.set(info.key, hostPorts);
    this.#count(info, 1);
  }

  /** Whether the pod was there. */
  removePod(key: string): boolean {
    const info = this.pods.get(key);
    if (!info) return false;
    this.pods.delete(key);
    this.podsWithAffinity.delete(key);
    this.podsWithRequiredAntiAffinity.delete(key);
    this.hostPorts.delete(key);
    this.#count(info, -1);
    return true;
  }

  clone(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.node = this.node;
    copyInto(copy.pods, this.pods);
    copyInto(copy.podsWithAffinity, this.podsWithAffinity);
    copyInto(copy.podsWithRequiredAntiAffinity, this.podsWithRequiredAntiAffinity);
    copyInto(copy.hostPorts, this.hostPorts);
    copyInto(copy.claimUses, this.claimUses);
    copy.requested = cloneResources(this.requested);
    copy.nonZeroMilliCpu = this.nonZeroMilliCpu;
    copy.nonZeroMemory = this.nonZeroMemory;
    copy.allocatable = this.allocatable;
    copy.images = this.images;
    return copy;
  }

  #count(info: PodInfo, sign: 1 | -1): void {
    addResources(this.requested, info.requests, sign);
    this.nonZeroMilliCpu += sign * info.nonZero.milliCpu;
    this.nonZeroMemory += sign * info.nonZero.memory;
    for (const key of info.claimKeys) {
      const uses = (this.claimUses.get(key) ?? 0) + sign;
      if (uses > 0) this.claimUses.set(key, uses);
      else this.claimUses.delete(key);
    }
  }
}

function copyInto<V>(to: Map<string, V>, from: ReadonlyMap<string, V>): void {
  for (const [key, value] of from) to.set(key, value);
}

const noLabels: Readonly<Record<string, string>> = Object.freeze({});

export function labelsOf(node: NodeInfo): Readonly<Record<string, string>> {
  return node.node?.metadata.labels ?? noLabels;
}
