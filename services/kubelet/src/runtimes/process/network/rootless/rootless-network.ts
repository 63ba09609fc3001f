import { readFile } from "node:fs/promises";
import { type CriError, failedPrecondition } from "@tskube/cri";
import { writeAtomic } from "../../files/atomic.ts";
import { runCommand, runOrThrow } from "../../run-command.ts";
import { addressIn, type Cidr, macOfIp, parseCidr } from "../cidr.ts";
import { IpBatch } from "../ip-batch.ts";
import { Ipam } from "../ipam.ts";
import type { PodNetwork } from "../network.ts";
import { Mirror, type MirrorDeps } from "./mirror.ts";

export interface RootlessNetworkOptions extends MirrorDeps {
  readonly podCidr?: string | undefined;
  readonly ipamDir: string;
  readonly stateFile: string;
}

export interface RootlessNetwork extends PodNetwork {
  close(): void;
}

const bridge = "pods";
const loopback = { first: 127, half: 128 };

/**
 * The pod network of an ordinary user: a bridge in a network namespace that the user owns. The node is not in it, and cannot be without root; but the node has all of
 * 127.0.0.0/8, so pods have addresses from its upper half, at which the node answers for them, and services have addresses from its lower half, at which
 * the pods' network answers for the node. TCP only.
 */
export async function createRootlessNetwork(options: RootlessNetworkOptions): Promise<RootlessNetwork> {
  const { ipamDir, stateFile, prefix, nodeAddress } = options;
  const ipam = new Ipam(ipamDir);
  const [enter = "", ...words] = prefix;
  const runIp = (input: string) => runOrThrow(enter, [...words, "ip", "-batch", "-"], { input });
  const batch = new IpBatch(runIp);
  const mirror = new Mirror(options);
  let cidr: Cidr | undefined;

  async function use(podCidr: string): Promise<void> {
    const wanted = checkedCidr(podCidr);
    if (cidr?.base === wanted.base && cidr.bits === wanted.bits) return;
    await runOrThrow(enter, [...words, "/bin/sh", "-s"], { input: bridgeScript(wanted, nodeAddress) });
    cidr = wanted;
  }

  const known = options.podCidr || (await readFile(stateFile, "utf8").catch(() => ""));
  if (known) await use(known);
  mirror.start();

  return {
    sysctls: { "net.ipv4.conf.all.route_localnet": "1" },
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
          `link set ${veth} master ${bridge} up`,
        ],
        [`link del ${veth}`],
      );
      mirror.add(sandboxId, { ip, pid, portMappings });
      return { ip, inside: insideLines(ip, cidr) };
    },
    async detach({ sandboxId }) {
      mirror.remove(sandboxId);
      await runCommand(enter, [...words, "ip", "link", "del", vethName(sandboxId)]);
      await ipam.release(sandboxId);
    },
    async recover(attached) {
      await ipam.keepOnly(new Set(attached.map(({ request }) => request.sandboxId)));
      for (const { request, ip } of attached) mirror.add(request.sandboxId, { ...request, ip });
    },
    close: () => mirror.close(),
  };
}

function checkedCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  const [first, second = 0] = addressIn(cidr, 0).split(".").map(Number);
  if (first === loopback.first && second >= loopback.half) return cidr;
  throw failedPrecondition(
    `network plugin is not ready: without root, pods need addresses from 127.128.0.0/9, and ${text} is not within`,
  );
}

/** Running it again changes nothing. */
function bridgeScript(cidr: Cidr, nodeAddress: string): string {
  const gateway = addressIn(cidr, 1);
  const node =
    nodeAddress && !nodeAddress.startsWith("127.") ? `ip addr replace ${nodeAddress}/32 dev lo || exit 1` : "";
  return `ip link set lo up || exit 1
ip route del local 127.0.0.0/8 dev lo table local 2>/dev/null
ip route replace local 127.0.0.0/9 dev lo table local || exit 1
ip link show dev ${bridge} >/dev/null 2>&1 || ip link add ${bridge} type bridge || exit 1
echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet || exit 1
case "$(ip -4 -oneline addr show dev ${bridge})" in
*" inet ${gateway}/${cidr.bits} "*) ;; # taking it away for a moment would end connections
*)
  ip link set ${bridge} address ${macOfIp(gateway)} up || exit 1
  ip addr flush dev ${bridge} && ip addr replace ${gateway}/${cidr.bits} dev ${bridge} || exit 1
  ;;
esac
${node}
`;
}

function insideLines(ip: string, cidr: Cidr): string[] {
  return [
    "link set lo up",
    // All of 127.0.0.0/8 but 127.0.0.1 is other pods' and services' here.
    "route del local 127.0.0.0/8 dev lo table local",
    `addr add ${ip}/${cidr.bits} dev eth0`,
    "link set eth0 up",
    `route add default via ${addressIn(cidr, 1)} src ${ip}`,
  ];
}

/** Interface names have at most 15 characters. */
const vethName = (sandboxId: string): string => `veth${sandboxId.slice(0, 10)}`;

const notKnown = (): CriError =>
  failedPrecondition("network plugin is not ready: the pod network of this node is not known yet");
