import type { cri } from "@tskube/proto-gen";

/** /etc/resolv.conf as the pod's DNS settings say; undefined leaves the node's. */
export function resolvConf(dns: cri.DNSConfig | undefined): string | undefined {
  if (!dns || dns.servers.length + dns.searches.length + dns.options.length === 0) return undefined;
  const lines = dns.servers.map((server) => `nameserver ${server}`);
  if (dns.searches.length > 0) lines.unshift(`search ${dns.searches.join(" ")}`);
  if (dns.options.length > 0) lines.push(`options ${dns.options.join(" ")}`);
  return `${lines.join("\n")}\n`;
}
