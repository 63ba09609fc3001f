import { mkdirSync, statfsSync } from "node:fs";
import { BlockList, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { systemErrorCode } from "@tskube/base";
import { UserError } from "../command.ts";
import { machineInterface } from "../network/plan.ts";
import { findExecutable } from "../supervisor/installation.ts";
import { run } from "../system/run.ts";
import type { ClusterConfig } from "./cluster-config.ts";

/** Less free space than this and the first image or log may fill the disk. */
const wantedFreeBytes = 512 * 1024 * 1024;

/** Whether nodes can be network namespaces here, or why not. */
export async function whyNoNamespaces(isRoot: boolean, platform = process.platform): Promise<string | undefined> {
  if (platform !== "linux") return `this is ${platform}, and network namespaces are Linux's`;
  if (!isRoot) return "you are not root";
  const missing = ["ip", "nsenter", "unshare", "mount"].filter((tool) => !findExecutable(tool));
  if (missing.length > 0)
    return `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not installed (packages iproute2 and util-linux)`;
  // A container may be root and yet not be allowed to make namespaces.
  try {
    await run(["unshare", "--net", "true"]);
  } catch {
    return "this process may not create network namespaces";
  }
  return undefined;
}

/** Throws a UserError with what to do if the cluster cannot be started here. */
export async function checkMachine(config: ClusterConfig, dataFolder: string): Promise<void> {
  checkDisk(dataFolder);
  if (config.isolation === "namespaces") {
    checkSubnet(config);
    if (config.uplink && !findExecutable("nft")) {
      throw new UserError(
        "nft is not installed, and nodes need it to reach beyond this machine: install the package nftables, or pass --no-uplink",
      );
    }
  } else {
    await checkRootless();
    await checkPort(config.apiserverPort, "--port");
  }
}

/** Without nodes as namespaces, pods have their network in one of the user's own. */
async function checkRootless(): Promise<void> {
  const missing = ["ip", "hostname", "unshare", "nsenter", "mount"].filter((tool) => !findExecutable(tool));
  if (missing.length > 0)
    throw new UserError(
      `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not installed, and pods need ${missing.length > 1 ? "them" : "it"}: install the packages iproute2, hostname and util-linux`,
    );
  try {
    await run(["unshare", "--user", "--map-root-user", "--net", "--mount", "true"]);
  } catch {
    throw new UserError(
      "this kernel gives you no user namespaces, and without root pods need them: run tskube as root, or have the administrator allow them " +
        "(sysctl user.max_user_namespaces above 0, and kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0 where these exist)",
    );
  }
}

function checkDisk(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(
      `cannot write to ${folder} (${systemErrorCode(error) ?? String(error)}); set TSKUBE_HOME to a folder of yours`,
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < wantedFreeBytes) {
    const mebibytes = (bytes: number) => Math.floor(bytes / 1024 / 1024);
    throw new UserError(
      `the disk of ${folder} has only ${mebibytes(freeBytes)} MiB free and a cluster wants ${mebibytes(wantedFreeBytes)}; free some, or set TSKUBE_HOME to a folder on another disk`,
    );
  }
}

/** Another network of the machine with the same addresses would take the nodes' packets. */
function checkSubnet(config: ClusterConfig): void {
  const [base = "", bits = "24"] = config.nodeSubnet.split("/");
  const ours = new BlockList();
  ours.addSubnet(base, Number(bits), "ipv4");
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (name === machineInterface(config)) continue;
    const clash = addresses?.find(({ family, address }) => family === "IPv4" && ours.check(address));
    if (clash)
      throw new UserError(
        `interface ${name} has the address ${clash.address} of the nodes' network ${config.nodeSubnet}; choose another with --subnet`,
      );
  }
}

function checkPort(port: number, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const why =
        systemErrorCode(error) === "EADDRINUSE"
          ? "is taken by another program"
          : `cannot be used (${systemErrorCode(error)})`;
      reject(new UserError(`port ${port} ${why}; end that program, or choose another port with ${flag}`));
    });
    probe.listen(port, () => probe.close(() => resolve()));
  });
}
