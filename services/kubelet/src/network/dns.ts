import type { Pod } from "@tskube/api";

export interface DnsSettings {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface DnsInputs {
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** Of the node's resolv.conf. */
  readonly host: DnsSettings;
}

const maxServers = 3;
const maxSearches = 32;
const maxSearchChars = 2048;

/** What goes into a pod's resolv.conf by its `dnsPolicy` and `dnsConfig`. */
export function podDns(pod: Pod, inputs: DnsInputs): DnsSettings {
  return limited(merge(byPolicy(pod, inputs), pod));
}

function byPolicy(pod: Pod, { clusterDns, clusterDomain, host }: DnsInputs): DnsSettings {
  const policy = pod.spec.dnsPolicy ?? "ClusterFirst";
  if (policy === "None") return { servers: [], searches: [], options: [] };
  const usesCluster = policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && !pod.spec.hostNetwork);
  if (!usesCluster || clusterDns.length === 0) return host;
  const namespace = pod.metadata.namespace ?? "";
  const searches = clusterDomain ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain] : [];
  return { servers: clusterDns, searches: [...searches, ...host.searches], options: ["ndots:5"] };
}

/** `dnsConfig` adds servers and searches, and its options replace those of the same name. */
function merge(base: DnsSettings, pod: Pod): DnsSettings {
  const config = pod.spec.dnsConfig;
  if (!config) return base;
  const options = new Map(base.options.map((option) => [option.split(":")[0] ?? "", option]));
  for (const { name = "", value } of config.options ?? []) options.set(name, value ? `${name}:${value}` : name);
  return {
    servers: unique([...base.servers, ...(config.nameservers ?? [])]),
    searches: unique([...base.searches, ...(config.searches ?? [])]),
    options: [...options.values()],
  };
}

/** glibc reads no more than this; what is beyond would be silently ignored in the container. */
function limited({ servers, searches, options }: DnsSettings): DnsSettings {
  const kept: string[] = [];
  let chars = 0;
  for (const search of searches.slice(0, maxSearches)) {
    chars += search.length + 1;
    if (chars > maxSearchChars) break;
    kept.push(search);
  }
  return { servers: servers.slice(0, maxServers), searches: kept, options };
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}

/** Reads a resolv.conf. The last `search` line counts; `.` alone means no search list. */
export function parseResolvConf(text: string): DnsSettings {
  const servers: string[] = [];
  const options: string[] = [];
  let searches: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0]) servers.push(values[0]);
    else if (keyword === "search" || keyword === "domain")
      searches = values.map((value) => value.replace(/(.)\.$/, "$1"));
    else if (keyword === "options") options.push(...values);
  }
  return { servers, searches: searches.filter((search) => search !== "."), options };
}
