import { externalAddresses, type ProxyEndpoint, type ServicePort } from "../model/service-port.ts";

/** A UDP flow that the kernel still carries to where it no longer belongs: `conntrack -D` arguments. */
export type StaleFlow = readonly string[];

interface Target {
  readonly port: ServicePort;
  readonly endpoints: ReadonlyMap<string, ProxyEndpoint>;
}

/**
 * Which UDP flows to forget when `before` becomes `after`. A UDP flow has no end: as long as its client sends, the kernel keeps sending to
 * the endpoint it once picked, or to nowhere if there was none. TCP notices by itself.
 */
export function staleFlows(before: readonly ServicePort[], after: readonly ServicePort[]): StaleFlow[] {
  const now = new Map(udpTargets(after));
  const flows: StaleFlow[] = [];
  const old = udpTargets(before);
  for (const [id, { port, endpoints }] of old) {
    const current = now.get(id)?.endpoints;
    const gone = [...endpoints].filter(([key]) => !current?.has(key)).map(([, endpoint]) => endpoint);
    for (const endpoint of gone) flows.push(...flowsTo(port, endpoint));
  }
  for (const [id, { port, endpoints }] of now) {
    const hadNone = (old.get(id)?.endpoints.size ?? 0) === 0;
    if (hadNone && endpoints.size > 0) flows.push(...flowsToNowhere(port));
  }
  return flows;
}

function udpTargets(ports: readonly ServicePort[]): Map<string, Target> {
  return new Map(
    ports
      .filter(({ protocol }) => protocol === "UDP")
      .map((port) => [
        port.id,
        {
          port,
          endpoints: new Map(
            [...port.clusterEndpoints, ...port.localEndpoints].map((endpoint) => [
              `${endpoint.address}:${endpoint.port}`,
              endpoint,
            ]),
          ),
        },
      ]),
  );
}

function flowsTo(port: ServicePort, endpoint: ProxyEndpoint): StaleFlow[] {
  const addresses = [port.clusterIP, ...externalAddresses(port)].map((address) => [
    "-D",
    "-p",
    "udp",
    "--orig-dst",
    address,
    "--dst-nat",
    endpoint.address,
  ]);
  const nodePort =
    port.nodePort > 0 ? [["-D", "-p", "udp", "--dport", String(port.nodePort), "--dst-nat", endpoint.address]] : [];
  return [...addresses, ...nodePort];
}

function flowsToNowhere(port: ServicePort): StaleFlow[] {
  const addresses = [port.clusterIP, ...externalAddresses(port)].map((address) => [
    "-D",
    "-p",
    "udp",
    "--orig-dst",
    address,
  ]);
  const nodePort = port.nodePort > 0 ? [["-D", "-p", "udp", "--dport", String(port.nodePort)]] : [];
  return [...addresses, ...nodePort];
}
