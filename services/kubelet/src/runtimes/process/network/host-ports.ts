import { Protocol } from "@tskube/cri";
import { runOrThrow } from "../run-command.ts";
import type { AttachRequest } from "./network.ts";

export interface HostPortPod {
  readonly ip: string;
  readonly portMappings: AttachRequest["portMappings"];
}

const table = "tskube-hostports";

/** Ports of the node that lead to pods, as one nftables table that is replaced as a whole at each change. */
export class HostPorts {
  readonly #pods = new Map<string, HostPortPod>();
  readonly #apply: (ruleset: string) => Promise<unknown>;

  constructor(apply: (ruleset: string) => Promise<unknown> = applyNft) {
    this.#apply = apply;
  }

  async add(sandboxId: string, pod: HostPortPod): Promise<void> {
    if (!hasHostPort(pod)) return;
    this.#pods.set(sandboxId, pod);
    await this.#apply(hostPortRuleset([...this.#pods.values()]));
  }

  async remove(sandboxId: string): Promise<void> {
    if (this.#pods.delete(sandboxId)) await this.#apply(hostPortRuleset([...this.#pods.values()]));
  }

  /** Replaces everything; writes nothing when no pod has a host port. */
  async reset(pods: ReadonlyMap<string, HostPortPod>): Promise<void> {
    for (const [id, pod] of pods) if (hasHostPort(pod)) this.#pods.set(id, pod);
    if (this.#pods.size > 0) await this.#apply(hostPortRuleset([...this.#pods.values()]));
  }
}

const hasHostPort = ({ portMappings }: HostPortPod): boolean => portMappings.some(({ hostPort }) => hostPort > 0);

/** The rules: connections to the node's own addresses go to the pod; a pod that calls itself this way, or loopback, is masqueraded. */
export function hostPortRuleset(pods: readonly HostPortPod[]): string {
  const forward = pods.flatMap(forwardRules).map((rule) => `    ${rule}`);
  if (forward.length === 0) return `add table ip ${table}\ndelete table ip ${table}\n`;
  const own = pods.map(({ ip }) => `    ct status dnat ip saddr ${ip} ip daddr ${ip} masquerade`);
  return `add table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain to-pods {
${forward.join("\n")}
  }
  chain prerouting {
    type nat hook prerouting priority dstnat;
    fib daddr type local jump to-pods
  }
  chain output {
    type nat hook output priority -100;
    fib daddr type local jump to-pods
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ct status dnat ip saddr 127.0.0.0/8 masquerade
${own.join("\n")}
  }
}
`;
}

function forwardRules({ ip, portMappings }: HostPortPod): string[] {
  return portMappings
    .filter(({ hostPort }) => hostPort > 0)
    .map(({ protocol, hostIp, hostPort, containerPort }) => {
      const name = protocol === Protocol.UDP ? "udp" : protocol === Protocol.SCTP ? "sctp" : "tcp";
      const address = hostIp && hostIp !== "0.0.0.0" ? `ip daddr ${hostIp} ` : "";
      return `${address}${name} dport ${hostPort} dnat to ${ip}:${containerPort}`;
    });
}

const applyNft = (input: string) => runOrThrow("nft", ["-f", "-"], { input });
