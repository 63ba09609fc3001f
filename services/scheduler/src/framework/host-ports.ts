import type { Pod } from "@tskube/api";

/** A port of the node's own addresses that a pod takes. */
export interface HostPort {
  readonly protocol: string;
  readonly hostIp: string;
  readonly port: number;
}

const anyAddress = "0.0.0.0";

export function hostPortsOf(pod: Pod): HostPort[] {
  const ports: HostPort[] = [];
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort) ports.push({ port: hostPort, hostIp: hostIP || anyAddress, protocol: protocol || "TCP" });
    }
  }
  return ports;
}

/** Whether both cannot be had on one node: the wildcard address takes the port of every address. */
export function portsConflict(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.hostIp === b.hostIp || a.hostIp === anyAddress || b.hostIp === anyAddress;
}
