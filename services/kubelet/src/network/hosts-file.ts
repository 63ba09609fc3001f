import type { HostAlias } from "@tskube/api";

export interface HostsInputs {
  readonly ips: readonly string[];
  readonly hostname: string;
  readonly domain: string;
  readonly aliases: readonly HostAlias[];
}

/** The /etc/hosts of a pod with a network of its own. */
export function podHostsFile({ ips, hostname, domain, aliases }: HostsInputs): string {
  const names = domain ? `${hostname}.${domain}\t${hostname}` : hostname;
  const lines = [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "fe00::\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
    ...ips.map((ip) => `${ip}\t${names}`),
  ];
  return `${lines.join("\n")}\n${aliasLines(aliases)}`;
}

/** The /etc/hosts of a pod on the node's network: the node's own file and the pod's aliases. */
export function hostNetworkHostsFile(nodeFile: string, aliases: readonly HostAlias[]): string {
  return `# Kubernetes-managed hosts file (host network).\n${nodeFile}${aliasLines(aliases)}`;
}

function aliasLines(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return "";
  const lines = aliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join("\t")}`);
  return `\n# Entries added by HostAliases.\n${lines.join("\n")}\n`;
}
