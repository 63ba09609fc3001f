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
import type { Ruleset } from "./ruleset.ts";

export const tableName = "kube-proxy";

/** nft's words for a family: the table's, the address field's, the address type's. */
export interface FamilyWords {
  readonly table: string;
  readonly family: string;
  readonly field: string;
  readonly addressType: string;
  readonly loopback: string;
}

export function familyWords(family: AddressFamily): FamilyWords {
  return family === "IPv4"
    ? { table: `ip ${tableName}`, family: "ip", field: "ip", addressType: "ipv4_addr", loopback: "127.0.0.0/8" }
    : { table: `ip6 ${tableName}`, family: "ip6", field: "ip6", addressType: "ipv6_addr", loopback: "::1" };
}

/**
 * What never changes: the maps that find a service's chain by address and port in one step, however many services there are, and the
 * chains that hang in netfilter's hooks.
 *
 *   prerouting, output ─► services ─► vmap service-ips / service-nodeports ─► service-… ─► endpoint-… ─► dnat
 *   forward, input, output ─► endpoint-check ─► vmap no-endpoint-services / no-endpoint-nodeports ─► reject
 *   postrouting ─► masquerading of what was marked
 */
export interface Base {
  /** Map → its type. */
  readonly maps: ReadonlyMap<string, string>;
  /** Chain → the hook it hangs in (empty: none) and its rules. */
  readonly chains: ReadonlyMap<string, { readonly hook: string; readonly rules: readonly string[] }>;
}

export function nftablesBase(family: AddressFamily, options: BackendOptions): Base {
  const { field, addressType, loopback } = familyWords(family);
  const mark = `0x${(1 << options.masqueradeBit).toString(16)}`;
  const byAddress = `{ type ${addressType} . inet_proto . inet_service : verdict ; }`;
  const byPort = `{ type inet_proto . inet_service : verdict ; }`;
  const address = `${field} daddr . meta l4proto . th dport`;
  const nodePort = `${field} daddr != ${loopback} fib daddr type local meta l4proto . th dport`;
  const chain = (name: string, ...rules: string[]) => [name, { hook: "", rules }] as const;
  const hooked = (name: string, hook: string, ...rules: string[]) => [name, { hook, rules }] as const;
  return {
    maps: new Map([
      ["service-ips", byAddress],
      ["service-nodeports", byPort],
      ["no-endpoint-services", byAddress],
      ["no-endpoint-nodeports", byPort],
      ["firewall-ips", byAddress],
    ]),
    chains: new Map([
      chain("mark-for-masquerade", `mark set mark or ${mark}`),
      chain("masquerading", `mark and ${mark} == 0 return`, `mark set mark xor ${mark}`, "masquerade fully-random"),
      chain("reject-chain", "reject"),
      chain("services", `${address} vmap @service-ips`, `${nodePort} vmap @service-nodeports`),
      chain("endpoint-check", `${address} vmap @no-endpoint-services`, `${nodePort} vmap @no-endpoint-nodeports`),
      chain("firewall-check", `${address} vmap @firewall-ips`),
      hooked("nat-prerouting", "type nat hook prerouting priority dstnat", "jump services"),
      hooked("nat-output", "type nat hook output priority -100", "jump services"),
      hooked("nat-postrouting", "type nat hook postrouting priority srcnat", "jump masquerading"),
      // Before dstnat, where the destination is still the service's.
      hooked("filter-prerouting", "type filter hook prerouting priority -110", "ct state new jump firewall-check"),
      hooked("filter-input", "type filter hook input priority -110", "ct state new jump endpoint-check"),
      hooked("filter-forward", "type filter hook forward priority -110", "ct state new jump endpoint-check"),
      hooked(
        "filter-output",
        "type filter hook output priority -110",
        "ct state new jump endpoint-check",
        "ct state new jump firewall-check",
      ),
    ]),
  };
}

/**
 * The lines that write the base, over one that may be there. What hangs in a hook stays in it: between taking a chain out and putting
 * another in, a packet could pass without being translated.
 */
export function baseLines(table: string, { maps, chains }: Base): string[] {
  return [
    `add table ${table} { comment "rules of kube-proxy" ; }`,
    ...[...maps].flatMap(([name, type]) => [`add map ${table} ${name} ${type}`, `flush map ${table} ${name}`]),
    ...[...chains].flatMap(([name, { hook }]) => [
      `add chain ${table} ${name}${hook ? ` { ${hook} ; }` : ""}`,
      `flush chain ${table} ${name}`,
    ]),
    ...[...chains].flatMap(([name, { rules }]) => rules.map((rule) => `add rule ${table} ${name} ${rule}`)),
  ];
}

class Draft {
  readonly chains = new Map<string, readonly string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();

  addElement(map: string, key: string, verdict: string): void {
    const elements = this.elements.get(map) ?? new Map<string, string>();
    elements.set(key, verdict);
    this.elements.set(map, elements);
  }
}

/** Everything that depends on services, on top of `baseLines`. */
export function renderNftables(ports: readonly ServicePort[], family: AddressFamily, options: BackendOptions): Ruleset {
  const draft = new Draft();
  for (const port of ports) renderPort(draft, port, family, options);
  return draft;
}

function renderPort(draft: Draft, port: ServicePort, family: AddressFamily, options: BackendOptions): void {
  const { field } = familyWords(family);
  const protocol = port.protocol.toLowerCase();
  const suffix = chainSuffix(port);
  const serviceChain = `service-${suffix}`;
  const external = externalAddresses(port);
  const hasExternal = external.length > 0 || port.nodePort > 0;
  const clusterKey = `${port.clusterIP} . ${protocol} . ${port.port}`;

  const internal = internalEndpoints(port);
  if (internal.length > 0) draft.addElement("service-ips", clusterKey, `goto ${serviceChain}`);
  else draft.addElement("no-endpoint-services", clusterKey, unreachable(port));

  const forInternal = port.internal === "Local" ? `local-${suffix}` : serviceChain;
  const mark = clusterIPMark(port, field, protocol, options);
  if (port.internal === "Local") {
    if (internal.length > 0) {
      draft.chains.set(serviceChain, [...mark, `goto ${forInternal}`]);
      draft.chains.set(forInternal, dispatch(port, internal, field));
    }
    if (hasExternal && port.clusterEndpoints.length > 0)
      draft.chains.set(`cluster-${suffix}`, dispatch(port, port.clusterEndpoints, field));
  } else if (port.clusterEndpoints.length > 0) {
    draft.chains.set(serviceChain, [...mark, ...dispatch(port, port.clusterEndpoints, field)]);
  }
  if (hasExternal) renderExternal(draft, port, family, options);
  for (const endpoint of usedEndpoints(port)) renderEndpoint(draft, port, endpoint, family);
  renderFirewall(draft, port, field, protocol);
}

/** Traffic to the cluster IP from outside the pod network must come back through this node. */
function clusterIPMark(port: ServicePort, field: string, protocol: string, options: BackendOptions): string[] {
  const match = `${field} daddr ${port.clusterIP} ${protocol} dport ${port.port}`;
  if (options.masqueradeAll) return [`${match} jump mark-for-masquerade`];
  return options.clusterCidr ? [`${match} ${field} saddr != ${options.clusterCidr} jump mark-for-masquerade`] : [];
}

function renderExternal(draft: Draft, port: ServicePort, family: AddressFamily, options: BackendOptions): void {
  const { field } = familyWords(family);
  const protocol = port.protocol.toLowerCase();
  const suffix = chainSuffix(port);
  const chain = `external-${suffix}`;
  const isServed =
    externalEndpoints(port).length > 0 || (port.external === "Local" && port.clusterEndpoints.length > 0);
  const verdict = isServed ? `goto ${chain}` : unreachable(port);
  for (const address of externalAddresses(port)) {
    draft.addElement(
      isServed ? "service-ips" : "no-endpoint-services",
      `${address} . ${protocol} . ${port.port}`,
      verdict,
    );
  }
  if (port.nodePort > 0)
    draft.addElement(
      isServed ? "service-nodeports" : "no-endpoint-nodeports",
      `${protocol} . ${port.nodePort}`,
      verdict,
    );
  if (!isServed) return;
  const anywhere = port.internal === "Local" ? `cluster-${suffix}` : `service-${suffix}`;
  if (port.external === "Cluster") {
    draft.chains.set(chain, ["jump mark-for-masquerade", `goto ${anywhere}`]);
    return;
  }
  const local = port.localEndpoints;
  draft.chains.set(chain, [
    // Pods and the node itself are not outside: they get any endpoint, as with the cluster IP.
    ...(options.clusterCidr && port.clusterEndpoints.length > 0
      ? [`${field} saddr ${options.clusterCidr} goto ${anywhere}`]
      : []),
    ...(port.clusterEndpoints.length > 0
      ? [`fib saddr type local jump mark-for-masquerade`, `fib saddr type local goto ${anywhere}`]
      : []),
    ...(local.length > 0 ? dispatch(port, local, field) : ["drop"]),
  ]);
}

/** Endpoints exist, but policy keeps this node from using them: silence lets clients try other nodes. None at all: an error at once. */
function unreachable(port: ServicePort): string {
  return port.hasEndpoints ? "drop" : "goto reject-chain";
}

/** Picks an endpoint: the client's own if there is affinity, else each with equal chance. */
function dispatch(port: ServicePort, endpoints: readonly ProxyEndpoint[], field: string): string[] {
  const targets = endpoints.map((endpoint) => endpointChain(port, endpoint));
  const affine =
    port.affinitySeconds === undefined
      ? []
      : endpoints.map(
          (endpoint) => `${field} saddr @${affinitySet(port, endpoint)} goto ${endpointChain(port, endpoint)}`,
        );
  const [only] = targets;
  if (targets.length === 1) return [...affine, `goto ${only}`];
  const choices = targets.map((chain, index) => `${index} : goto ${chain}`).join(", ");
  return [...affine, `numgen random mod ${targets.length} vmap { ${choices} }`];
}

function renderEndpoint(draft: Draft, port: ServicePort, endpoint: ProxyEndpoint, family: AddressFamily): void {
  const { field, addressType } = familyWords(family);
  const target = family === "IPv4" ? `${endpoint.address}:${endpoint.port}` : `[${endpoint.address}]:${endpoint.port}`;
  const rules: string[] = [];
  if (port.affinitySeconds !== undefined) {
    const set = affinitySet(port, endpoint);
    draft.sets.set(set, `{ type ${addressType} ; flags dynamic,timeout ; }`);
    // The time stands with the rule: a set keeps its definition for as long as it lives.
    rules.push(`update @${set} { ${field} saddr timeout ${port.affinitySeconds}s }`);
  }
  draft.chains.set(endpointChain(port, endpoint), [
    // An endpoint that reaches itself through its service must see another source than itself.
    `${field} saddr ${endpoint.address} jump mark-for-masquerade`,
    ...rules,
    `meta l4proto ${port.protocol.toLowerCase()} dnat to ${target}`,
  ]);
}

function renderFirewall(draft: Draft, port: ServicePort, field: string, protocol: string): void {
  if (port.loadBalancerSourceRanges.length === 0 || port.loadBalancerIPs.length === 0) return;
  const chain = `firewall-${chainSuffix(port)}`;
  draft.chains.set(chain, [`${field} saddr != { ${port.loadBalancerSourceRanges.join(", ")} } drop`]);
  for (const address of port.loadBalancerIPs)
    draft.addElement("firewall-ips", `${address} . ${protocol} . ${port.port}`, `goto ${chain}`);
}

function usedEndpoints(port: ServicePort): ProxyEndpoint[] {
  const byName = new Map(
    [...port.clusterEndpoints, ...port.localEndpoints].map((endpoint) => [endpointChain(port, endpoint), endpoint]),
  );
  return [...byName.values()];
}

/** Chain names have 128 characters at most: the hash tells services apart, the rest is for people and may be cut. */
const readableChars = 90;

function chainSuffix(port: ServicePort): string {
  const readable = `${port.namespace}/${port.name}/${port.protocol.toLowerCase()}/${port.portName}`;
  return `${shortHash(`${port.id}/${port.protocol}`, 8)}-${readable.replace(/[^A-Za-z0-9/._-]/g, "_").slice(0, readableChars)}`;
}

function endpointChain(port: ServicePort, endpoint: ProxyEndpoint): string {
  return `endpoint-${endpointSuffix(port, endpoint)}`;
}

function affinitySet(port: ServicePort, endpoint: ProxyEndpoint): string {
  return `affinity-${endpointSuffix(port, endpoint)}`;
}

function endpointSuffix(port: ServicePort, { address, port: number }: ProxyEndpoint): string {
  const readable = `${port.namespace}/${port.name}/${port.protocol.toLowerCase()}/${port.portName}__${address.replaceAll(":", ".")}/${number}`;
  return `${shortHash(`${port.id}/${port.protocol}/${address}/${number}`, 8)}-${readable.slice(0, readableChars)}`;
}
