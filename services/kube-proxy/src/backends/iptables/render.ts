import {
  type AddressFamily,
  externalAddresses,
  externalEndpoints,
  internalEndpoints,
  type ProxyEndpoint,
  type ServicePort,
} from "../../model/service-port.ts";
import type { BackendOptions } from "../backend.ts";
import { shortHash } from "../short-hash.ts";
import type { IptablesRules } from "./chains.ts";

/** Where netfilter's own chains lead into ours: table, chain, rule. */
export const jumps: ReadonlyArray<readonly [table: "filter" | "nat", chain: string, rule: readonly string[]]> = [
  ["filter", "INPUT", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-EXTERNAL-SERVICES"]],
  ["filter", "INPUT", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-PROXY-FIREWALL"]],
  ["filter", "FORWARD", ["-j", "KUBE-FORWARD"]],
  ["filter", "FORWARD", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-EXTERNAL-SERVICES"]],
  ["filter", "FORWARD", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-SERVICES"]],
  ["filter", "FORWARD", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-PROXY-FIREWALL"]],
  ["filter", "OUTPUT", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-SERVICES"]],
  ["filter", "OUTPUT", ["-m", "conntrack", "--ctstate", "NEW", "-j", "KUBE-PROXY-FIREWALL"]],
  ["nat", "PREROUTING", ["-j", "KUBE-SERVICES"]],
  ["nat", "OUTPUT", ["-j", "KUBE-SERVICES"]],
  ["nat", "POSTROUTING", ["-j", "KUBE-POSTROUTING"]],
];

interface Draft {
  readonly filter: Map<string, string[]>;
  readonly nat: Map<string, string[]>;
}

/** Every chain of ours with upstream's names, so that people find what they know. */
export function renderIptables(
  ports: readonly ServicePort[],
  family: AddressFamily,
  options: BackendOptions,
): IptablesRules {
  const mark = `0x${(1 << options.masqueradeBit).toString(16)}`;
  const draft: Draft = {
    filter: new Map([
      ["KUBE-SERVICES", []],
      ["KUBE-EXTERNAL-SERVICES", []],
      ["KUBE-PROXY-FIREWALL", []],
      [
        "KUBE-FORWARD",
        [
          `-m conntrack --ctstate INVALID -j DROP`,
          `-m mark --mark ${mark}/${mark} -j ACCEPT`,
          `-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        ],
      ],
    ]),
    nat: new Map([
      ["KUBE-SERVICES", []],
      ["KUBE-NODEPORTS", []],
      ["KUBE-MARK-MASQ", [`-j MARK --or-mark ${mark}`]],
      [
        "KUBE-POSTROUTING",
        [`-m mark ! --mark ${mark}/${mark} -j RETURN`, `-j MARK --xor-mark ${mark}`, `-j MASQUERADE --random-fully`],
      ],
    ]),
  };
  for (const port of ports) renderPort(draft, port, family, options);
  // Last, so that a cluster IP is found before a node port of the same number is looked for.
  append(draft.nat, "KUBE-SERVICES", `-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`);
  return draft;
}

function append(table: Map<string, string[]>, chain: string, ...rules: readonly string[]): void {
  const existing = table.get(chain);
  if (existing) existing.push(...rules);
  else table.set(chain, [...rules]);
}

function renderPort(draft: Draft, port: ServicePort, family: AddressFamily, options: BackendOptions): void {
  const toClusterIP = matchAddress(port, port.clusterIP, family);
  const internal = internalEndpoints(port);
  if (internal.length > 0) {
    append(draft.nat, "KUBE-SERVICES", `${toClusterIP} -j ${policyChain(port, port.internal)}`);
  } else {
    append(draft.filter, "KUBE-SERVICES", `${toClusterIP} ${refusal(port)}`);
  }
  const masquerade = options.masqueradeAll
    ? [toClusterIP]
    : options.clusterCidr
      ? [`${toClusterIP} ! -s ${options.clusterCidr}`]
      : [];
  if (port.clusterEndpoints.length > 0) {
    append(
      draft.nat,
      policyChain(port, "Cluster"),
      ...masquerade.map((match) => `${match} -j KUBE-MARK-MASQ`),
      ...dispatch(port, port.clusterEndpoints),
    );
  }
  if (port.localEndpoints.length > 0) {
    const marked = port.internal === "Local" ? masquerade.map((match) => `${match} -j KUBE-MARK-MASQ`) : [];
    append(draft.nat, policyChain(port, "Local"), ...marked, ...dispatch(port, port.localEndpoints));
  }
  renderExternal(draft, port, family, options);
  for (const endpoint of usedEndpoints(port))
    append(draft.nat, endpointChain(port, endpoint), ...endpointRules(port, endpoint, family));
}

function renderExternal(draft: Draft, port: ServicePort, family: AddressFamily, options: BackendOptions): void {
  const addresses = externalAddresses(port);
  if (addresses.length === 0 && port.nodePort === 0) return;
  const isServed =
    externalEndpoints(port).length > 0 || (port.external === "Local" && port.clusterEndpoints.length > 0);
  const chain = `KUBE-EXT-${serviceHash(port)}`;
  const toNodePort = `-p ${port.protocol.toLowerCase()} -m addrtype --dst-type LOCAL -m ${port.protocol.toLowerCase()} --dport ${port.nodePort}`;
  for (const address of addresses) {
    const match = matchAddress(port, address, family);
    if (isServed) append(draft.nat, "KUBE-SERVICES", `${match} -j ${chain}`);
    else append(draft.filter, "KUBE-EXTERNAL-SERVICES", `${match} ${refusal(port)}`);
  }
  if (port.nodePort > 0) {
    if (isServed)
      append(
        draft.nat,
        "KUBE-NODEPORTS",
        `-p ${port.protocol.toLowerCase()} -m ${port.protocol.toLowerCase()} --dport ${port.nodePort} -j ${chain}`,
      );
    else append(draft.filter, "KUBE-EXTERNAL-SERVICES", `${toNodePort} ${refusal(port)}`);
  }
  if (isServed) append(draft.nat, chain, ...externalRules(port, options));
  renderFirewall(draft, port, family);
}

function externalRules(port: ServicePort, options: BackendOptions): string[] {
  const anywhere = policyChain(port, "Cluster");
  if (port.external === "Cluster") return ["-j KUBE-MARK-MASQ", `-j ${anywhere}`];
  const hasCluster = port.clusterEndpoints.length > 0;
  return [
    // Pods and the node itself are not outside: they get any endpoint, as with the cluster IP.
    ...(hasCluster && options.clusterCidr ? [`-s ${options.clusterCidr} -j ${anywhere}`] : []),
    ...(hasCluster
      ? [`-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`, `-m addrtype --src-type LOCAL -j ${anywhere}`]
      : []),
    // Without an endpoint here packets keep their destination, which nobody on this node answers: the filter table drops them.
    ...(port.localEndpoints.length > 0 ? [`-j ${policyChain(port, "Local")}`] : []),
  ];
}

function renderFirewall(draft: Draft, port: ServicePort, family: AddressFamily): void {
  for (const address of port.loadBalancerIPs) {
    const match = matchAddress(port, address, family);
    const isLocalOnly = port.external === "Local" && port.localEndpoints.length === 0 && port.hasEndpoints;
    if (isLocalOnly) append(draft.filter, "KUBE-PROXY-FIREWALL", `${match} -j DROP`);
    if (port.loadBalancerSourceRanges.length === 0) continue;
    // nat comes after the filter for what enters, so the check is made where the destination is still the load balancer's: in nat.
    const chain = `KUBE-FW-${serviceHash(port)}`;
    const ranges = port.loadBalancerSourceRanges.map((range) => `-s ${range} -j KUBE-EXT-${serviceHash(port)}`);
    draft.nat.set(chain, ranges);
    const services = draft.nat.get("KUBE-SERVICES") ?? [];
    const at = services.indexOf(`${match} -j KUBE-EXT-${serviceHash(port)}`);
    if (at >= 0) services[at] = `${match} -j ${chain}`;
    append(draft.filter, "KUBE-PROXY-FIREWALL", `${match} -j DROP`);
  }
}

/** Endpoints exist, but policy keeps this node from using them: silence lets clients try other nodes. None at all: an error at once. */
function refusal(port: ServicePort): string {
  return port.hasEndpoints ? "-j DROP" : "-j REJECT";
}

/** Picks an endpoint: the client's own if there is affinity, else each with equal chance. */
function dispatch(port: ServicePort, endpoints: readonly ProxyEndpoint[]): string[] {
  const affine =
    port.affinitySeconds === undefined
      ? []
      : endpoints.map((endpoint) => {
          const chain = endpointChain(port, endpoint);
          return `-m recent --name ${chain} --rcheck --seconds ${port.affinitySeconds} --reap --rsource -j ${chain}`;
        });
  const spread = endpoints.map((endpoint, index) => {
    const left = endpoints.length - index;
    const chance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(10)} ` : "";
    return `${chance}-j ${endpointChain(port, endpoint)}`;
  });
  return [...affine, ...spread];
}

function endpointRules(port: ServicePort, endpoint: ProxyEndpoint, family: AddressFamily): string[] {
  const target = family === "IPv4" ? `${endpoint.address}:${endpoint.port}` : `[${endpoint.address}]:${endpoint.port}`;
  const protocol = port.protocol.toLowerCase();
  const remember =
    port.affinitySeconds === undefined ? "" : `-m recent --name ${endpointChain(port, endpoint)} --set --rsource `;
  return [
    // An endpoint that reaches itself through its service must see another source than itself.
    `-s ${endpoint.address}/${family === "IPv4" ? 32 : 128} -j KUBE-MARK-MASQ`,
    `-p ${protocol} ${remember}-m ${protocol} -j DNAT --to-destination ${target}`,
  ];
}

function matchAddress(port: ServicePort, address: string, family: AddressFamily): string {
  const protocol = port.protocol.toLowerCase();
  return `-d ${address}/${family === "IPv4" ? 32 : 128} -p ${protocol} -m ${protocol} --dport ${port.port}`;
}

function policyChain(port: ServicePort, target: "Cluster" | "Local"): string {
  return `KUBE-${target === "Cluster" ? "SVC" : "SVL"}-${serviceHash(port)}`;
}

function serviceHash(port: ServicePort): string {
  return shortHash(port.id + port.protocol.toLowerCase(), 16);
}

function endpointChain(port: ServicePort, { address, port: number }: ProxyEndpoint): string {
  return `KUBE-SEP-${shortHash(`${port.id}${port.protocol.toLowerCase()}${address}:${number}`, 16)}`;
}

function usedEndpoints(port: ServicePort): ProxyEndpoint[] {
  return [
    ...new Map(
      [...port.clusterEndpoints, ...port.localEndpoints].map((endpoint) => [
        `${endpoint.address}:${endpoint.port}`,
        endpoint,
      ]),
    ).values(),
  ];
}
