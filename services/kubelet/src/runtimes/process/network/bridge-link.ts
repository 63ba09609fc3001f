import { runCommand, runOrThrow } from "../run-command.ts";
import { addressIn, type Cidr, macOfIp } from "./cidr.ts";

/** An interface as `ip -json address show` tells of it. */
export interface FoundLink {
  readonly hardwareAddress: string;
  readonly isUp: boolean;
  /** IPv4 addresses with their prefix length, as in 10.244.1.1/24. */
  readonly addresses: readonly string[];
}

/**
 * The `ip -batch` lines that make a bridge the gateway of a pod network. They touch only what differs: an address that is taken away, even to
 * be given again at once, takes its route with it and ends all connections masqueraded behind it, and that at each start of the runtime.
 */
export function bridgeLines(name: string, cidr: Cidr, found: FoundLink | undefined): string[] {
  const gateway = addressIn(cidr, 1);
  const wanted = `${gateway}/${cidr.bits}`;
  const stale = found?.addresses.filter((address) => address !== wanted) ?? [];
  return [
    ...(found ? [] : [`link add ${name} type bridge`]),
    // A bridge without an address of its own takes its ports', and changes it as pods come and go.
    ...(found?.hardwareAddress === macOfIp(gateway) ? [] : [`link set ${name} address ${macOfIp(gateway)}`]),
    ...(found?.isUp ? [] : [`link set ${name} up`]),
    ...(found?.addresses.includes(wanted) ? [] : [`addr add ${wanted} broadcast + dev ${name}`]),
    ...stale.map((address) => `addr del ${address} dev ${name}`),
  ];
}

/** Creates the bridge, or brings one that is there in line. */
export async function ensureBridge(name: string, cidr: Cidr): Promise<void> {
  const lines = bridgeLines(name, cidr, await findLink(name));
  if (lines.length > 0) await runOrThrow("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

interface ListedLink {
  readonly address?: string;
  readonly flags?: readonly string[];
  readonly addr_info?: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

async function findLink(name: string): Promise<FoundLink | undefined> {
  const shown = await runCommand("ip", ["-json", "address", "show", "dev", name]);
  if (shown.code !== 0) return undefined;
  const [link] = JSON.parse(shown.stdout) as ListedLink[];
  if (!link) return undefined;
  return {
    hardwareAddress: link.address ?? "",
    isUp: link.flags?.includes("UP") ?? false,
    addresses: (link.addr_info ?? [])
      .filter(({ family }) => family === "inet")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  };
}
