import type { PortMapping } from "@tskube/cri";
import type { Listener } from "./listeners.ts";

/** An address and port on one side that stands for one on the other side. */
export interface Front {
  /** Where the listening socket is: in the node's network, or in that of the pods. */
  readonly side: "node" | "pods";
  readonly address: string;
  readonly port: number;
  readonly to: { readonly address: string; readonly port: number };
}

/** What a pod listens on, and what it wants of the node. */
export interface PodSockets {
  readonly ip: string;
  readonly listeners: readonly Listener[];
  readonly portMappings: readonly PortMapping[];
}

const allAddresses = "0.0.0.0";

/** Pods' own sockets, seen from the node: each at the pod's address, and host ports at the node's. */
export function podFronts({ ip, listeners, portMappings }: PodSockets): Front[] {
  const reachable = listeners.filter(({ address }) => address === allAddresses || address === ip);
  return [
    ...reachable.map(({ port }): Front => ({ side: "node", address: ip, port, to: { address: ip, port } })),
    ...portMappings
      .filter(({ hostPort }) => hostPort > 0)
      .map(
        ({ hostPort, hostIp, containerPort }): Front => ({
          side: "node",
          address: hostIp || allAddresses,
          port: hostPort,
          to: { address: ip, port: containerPort },
        }),
      ),
  ];
}

/** The node's sockets, seen from pods: those at service addresses, and at the node's own. */
export function nodeFronts(listeners: readonly Listener[], nodeAddress: string): Front[] {
  return listeners.flatMap(({ address, port }): Front[] => {
    if (isServiceAddress(address)) return [{ side: "pods", address, port, to: { address, port } }];
    const isNodes = address === nodeAddress || address === allAddresses;
    return isNodes && nodeAddress && !nodeAddress.startsWith("127.")
      ? [{ side: "pods", address: nodeAddress, port, to: { address: nodeAddress, port } }]
      : [];
  });
}

/** In the lower half of 127.0.0.0/8, without what every machine uses for itself. */
function isServiceAddress(address: string): boolean {
  const [first, second = 0, third = 0] = address.split(".").map(Number);
  return first === 127 && second < 128 && (second > 0 || third > 0);
}

export const frontKey = ({ side, address, port, to }: Front): string =>
  `${side} ${address}:${port} ${to.address}:${to.port}`;
