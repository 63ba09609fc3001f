import { isIPv6 } from "node:net";
import type { ContainerImage, Node, NodeAddress, NodeStatus } from "@tskube/api";
import type { Image } from "@tskube/cri";
import { kubeletVersion } from "../version.ts";
import { allocatableOf, type CapacityOptions, capacityOf } from "./capacity.ts";
import { nodeConditions } from "./conditions.ts";
import type { Machine, MachineLoad } from "./machine.ts";

/** Nodes report their largest images only: the list is for the scheduler's image locality. */
const maxImages = 50;
const maxNamesPerImage = 5;

export interface NodeStatusInputs {
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly machine: Machine;
  readonly load: MachineLoad;
  /** `containerd://1.6.20` */
  readonly runtimeVersion: string;
  readonly runtimeHandlers: readonly {
    readonly name: string;
    readonly recursiveReadOnlyMounts: boolean;
    readonly userNamespaces: boolean;
  }[];
  readonly images: readonly Image[];
  readonly port: number;
  readonly capacity: CapacityOptions;
  readonly problems: readonly string[];
  readonly known: NodeStatus | undefined;
  readonly nowMs: number;
}

export function nodeStatus(inputs: NodeStatusInputs): NodeStatus {
  const { machine, load } = inputs;
  const capacity = capacityOf(machine, load, inputs.capacity.maxPods);
  return {
    capacity,
    allocatable: allocatableOf(capacity, inputs.capacity),
    conditions: [
      ...nodeConditions({
        machine,
        load,
        problems: inputs.problems,
        known: inputs.known?.conditions ?? [],
        nowMs: inputs.nowMs,
      }),
    ],
    addresses: nodeAddresses(inputs.addresses, inputs.hostname),
    daemonEndpoints: { kubeletEndpoint: { Port: inputs.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: inputs.runtimeVersion,
      kubeletVersion,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: machine.architecture,
    },
    images: reportedImages(inputs.images),
    runtimeHandlers: inputs.runtimeHandlers.map(({ name, recursiveReadOnlyMounts, userNamespaces }) => ({
      name,
      features: { recursiveReadOnlyMounts, userNamespaces },
    })),
  } as NodeStatus;
}

function nodeAddresses(addresses: readonly string[], hostname: string): NodeAddress[] {
  return [...addresses.map((address) => ({ type: "InternalIP", address })), { type: "Hostname", address: hostname }];
}

function reportedImages(images: readonly Image[]): ContainerImage[] {
  return [...images]
    .sort((a, b) => Number(b.size - a.size))
    .slice(0, maxImages)
    .map(({ repoTags, repoDigests, size }) => ({
      names: [...repoDigests, ...repoTags].filter((name) => !name.includes("<none>")).slice(0, maxNamesPerImage),
      ...(size > 0n && { sizeBytes: Number(size) }),
    }))
    .filter(({ names }) => names.length > 0);
}

/** Labels that the kubelet keeps right on its node, whatever others do to them. */
export function ownLabels(hostname: string, machine: Machine): Record<string, string> {
  return {
    "beta.kubernetes.io/arch": machine.architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": machine.architecture,
    "kubernetes.io/hostname": hostname,
    "kubernetes.io/os": "linux",
  };
}

/** IPv4 addresses as they are, IPv6 ones without zone. */
export function cleanAddress(address: string): string {
  return isIPv6(address) ? (address.split("%")[0] ?? address) : address;
}

export function newNode(name: string, labels: Record<string, string>, taints: Node["spec"]): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" } },
    spec: taints,
  } as Node;
}
