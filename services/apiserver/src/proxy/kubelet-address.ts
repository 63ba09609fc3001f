import type { Node } from "@tskube/api";
import { internalError } from "@tskube/apimachinery";

export interface KubeletAddress {
  readonly host: string;
  readonly port: number;
}

const defaultPort = 10_250;

/** Where a node's kubelet answers: the first of its addresses of the types preferred. */
export function kubeletAddress(node: Node, preferredTypes: readonly string[]): KubeletAddress {
  const addresses = node.status?.addresses ?? [];
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? defaultPort;
  for (const type of preferredTypes) {
    const host = addresses.find((address) => address.type === type)?.address;
    if (host) return { host, port };
  }
  throw internalError(
    `no preferred addresses found; known addresses: [${addresses.map(({ address }) => address).join(" ")}]`,
  );
}
