import { type Clock, errorMessage, type Logger } from "@tskube/base";
import {
  externalAddresses,
  externalEndpoints,
  internalEndpoints,
  type ProxyEndpoint,
  type ServicePort,
} from "../../model/service-port.ts";
import type { Backend } from "../backend.ts";
import { Balancer } from "./balancer.ts";
import { startTcpProxy } from "./tcp-proxy.ts";
import { startUdpProxy } from "./udp-proxy.ts";

export interface UserspaceDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One address and port that a service shall answer on. */
interface Front {
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  readonly endpoints: readonly ProxyEndpoint[];
  readonly affinitySeconds: number | undefined;
}

interface OpenFront {
  readonly balancer: Balancer;
  readonly proxy: { close(): void } | undefined;
}

const allAddresses = "0.0.0.0";

/**
 * Services as listening sockets of this process, for machines where no packet filter can be had. It needs no privilege, and so can serve
 * only addresses that the machine has: node ports always, cluster IPs when they come from 127.0.0.0/8 or were given to an interface.
 */
export function createUserspaceBackend({ clock, logger }: UserspaceDeps): Backend {
  const open = new Map<string, OpenFront>();

  async function ensure(front: Front): Promise<void> {
    const known = open.get(front.key);
    const balancer = known?.balancer ?? new Balancer(clock);
    balancer.update(front.endpoints, front.affinitySeconds);
    if (known?.proxy) return;
    open.set(front.key, { balancer, proxy: await listen(front, balancer) });
  }

  /** An address that the machine does not have, or a port that is taken: other services still work, and the next sync tries again. */
  async function listen(front: Front, balancer: Balancer): Promise<OpenFront["proxy"]> {
    try {
      return front.protocol === "TCP"
        ? await startTcpProxy(front.host, front.port, balancer)
        : await startUdpProxy(front.host, front.port, balancer, clock);
    } catch (error) {
      if (!open.has(front.key))
        logger.warn(
          { address: front.host, port: front.port, error: errorMessage(error) },
          "cannot listen for a service",
        );
      return undefined;
    }
  }

  async function close(): Promise<void> {
    for (const { proxy } of open.values()) proxy?.close();
    open.clear();
  }

  return {
    name: "userspace",
    async sync(ports) {
      const fronts = ports.flatMap(frontsOf);
      const wanted = new Set(fronts.map(({ key }) => key));
      for (const [key, { proxy }] of open) {
        if (wanted.has(key)) continue;
        proxy?.close();
        open.delete(key);
      }
      for (const front of fronts) await ensure(front);
    },
    close,
    cleanUp: close,
  };
}

function frontsOf(port: ServicePort): Front[] {
  if (port.protocol === "SCTP") return []; // Node has no sockets for it
  const { protocol, affinitySeconds } = port;
  const front = (host: string, number: number, endpoints: readonly ProxyEndpoint[]): Front => ({
    key: `${protocol} ${host}:${number}`,
    host,
    port: number,
    protocol,
    endpoints,
    affinitySeconds,
  });
  return [
    front(port.clusterIP, port.port, internalEndpoints(port)),
    ...externalAddresses(port).map((address) => front(address, port.port, externalEndpoints(port))),
    ...(port.nodePort > 0 ? [front(allAddresses, port.nodePort, externalEndpoints(port))] : []),
  ];
}
