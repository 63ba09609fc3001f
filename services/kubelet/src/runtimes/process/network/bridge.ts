import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CriError, failedPrecondition } from "@tskube/cri";
import { writeAtomic } from "../files/atomic.ts";
import { runCommand } from "../run-command.ts";
import { ensureBridge } from "./bridge-link.ts";
import { addressIn, type Cidr, macOfIp, parseCidr } from "./cidr.ts";
import { HostPorts } from "./host-ports.ts";
import { IpBatch } from "./ip-batch.ts";
import { Ipam } from "./ipam.ts";
import type { PodNetwork } from "./network.ts";

export interface BridgeOptions {
  readonly bridgeName: string;
  /** The node's share of the pod network; unknown until the kubelet tells it, when absent. */
  readonly podCidr?: string | undefined;
  /** Directory of the addresses in use. */
  readonly ipamDir: string;
  /** Remembers the pod network that the kubelet told. */
  readonly stateFile: string;
}

/** One bridge in the node's network namespace, a veth pair and an address per pod: what the CNI plugins bridge, host-local and portmap do together. */
export async function createBridgeNetwork(options: BridgeOptions): Promise<PodNetwork> {
  const { bridgeName, ipamDir, stateFile } = options;
  const ipam = new Ipam(ipamDir);
  const batch = new IpBatch();
  const hostPorts = new HostPorts();
  let cidr: Cidr | undefined;

  async function use(podCidr: string): Promise<void> {
    const wanted = parseCidr(podCidr);
    if (cidr?.base === wanted.base && cidr.bits === wanted.bits) return;
    await ensureBridge(bridgeName, wanted);
    await setSysctl("net/ipv4/ip_forward", "1");
    cidr = wanted;
  }

  const known = options.podCidr || (await readFile(stateFile, "utf8").catch(() => ""));
  if (known) await use(known);

  return {
    async status() {
      if (cidr) return { isReady: true, message: "" };
      return { isReady: false, message: notKnown().message };
    },
    async setPodCidr(podCidr) {
      if (!podCidr) return;
      await use(podCidr);
      await writeAtomic(stateFile, podCidr);
    },
    async attach({ sandboxId, pid, portMappings }) {
      if (!cidr) throw notKnown();
      const ip = await ipam.allocate(cidr, sandboxId);
      const veth = vethName(sandboxId);
      await batch.run(
        [
          `link add ${veth} type veth peer name eth0 address ${macOfIp(ip)} netns ${pid}`,
          `link set ${veth} master ${bridgeName} up`,
          `link set ${veth} type bridge_slave hairpin on`,
        ],
        [`link del ${veth}`],
      );
      await hostPorts.add(sandboxId, { ip, portMappings });
      return { ip, inside: insideLines(ip, cidr) };
    },
    async detach({ sandboxId }) {
      await hostPorts.remove(sandboxId);
      // Usually gone with the namespace by now or soon; removing it makes the address free at once.
      await runCommand("ip", ["link", "del", vethName(sandboxId)]);
      await ipam.release(sandboxId);
    },
    async recover(attached) {
      await ipam.keepOnly(new Set(attached.map(({ request }) => request.sandboxId)));
      const pods = attached.map(
        ({ request, ip }) => [request.sandboxId, { ip, portMappings: request.portMappings }] as const,
      );
      await hostPorts.reset(new Map(pods));
    },
  };
}

function insideLines(ip: string, cidr: Cidr): string[] {
  return [
    "link set lo up",
    `addr add ${ip}/${cidr.bits} broadcast + dev eth0`,
    "link set eth0 up",
    `route add default via ${addressIn(cidr, 1)}`,
  ];
}

/** Interface names have at most 15 characters. */
const vethName = (sandboxId: string): string => `veth${sandboxId.slice(0, 10)}`;

const notKnown = (): CriError =>
  failedPrecondition("network plugin is not ready: the pod network of this node is not known yet");

async function setSysctl(path: string, value: string): Promise<void> {
  await writeFile(join("/proc/sys", path), value);
}
