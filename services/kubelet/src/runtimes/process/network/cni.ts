import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CriError, Protocol } from "@tskube/cri";
import { writeAtomic } from "../files/atomic.ts";
import { runCommand } from "../run-command.ts";
import type { AttachRequest, PodNetwork } from "./network.ts";

export interface CniOptions {
  readonly confDir: string;
  readonly binDirs: readonly string[];
  /** Keeps each sandbox's result, which DEL has to be given. */
  readonly resultDir: string;
}

interface PluginConfig {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

interface NetworkList {
  readonly name: string;
  readonly cniVersion: string;
  readonly plugins: readonly PluginConfig[];
}

/** Pod networks by CNI plugins: the first configuration in `confDir`, by name, is the network of all pods. */
export function createCniNetwork({ confDir, binDirs, resultDir }: CniOptions): PodNetwork {
  const resultFile = (sandboxId: string) => join(resultDir, `${sandboxId}.json`);

  async function execute(
    command: "ADD" | "DEL",
    network: NetworkList,
    plugin: PluginConfig,
    request: AttachRequest,
    previous: unknown,
  ) {
    const input = JSON.stringify({
      ...plugin,
      name: network.name,
      cniVersion: network.cniVersion,
      ...(previous !== undefined && { prevResult: previous }),
      ...(plugin.capabilities?.["portMappings"] && { runtimeConfig: { portMappings: cniPorts(request) } }),
    });
    const env = { ...process.env, ...pluginEnvironment(command, request, binDirs) };
    const { code, stdout, stderr } = await runCommand(await findPlugin(binDirs, plugin.type), [], { input, env });
    if (code !== 0) throw pluginError(plugin.type, command, stdout, stderr);
    return stdout.trim() ? (JSON.parse(stdout) as unknown) : undefined;
  }

  return {
    async status() {
      const network = await readNetwork(confDir);
      return network
        ? { isReady: true, message: "" }
        : { isReady: false, message: `no network config found in ${confDir}: cni plugin not initialized` };
    },
    setPodCidr: async () => {},
    async attach(request) {
      const network = await readNetwork(confDir);
      if (!network) throw new CriError("FAILED_PRECONDITION", "cni plugin not initialized");
      let result: unknown;
      for (const plugin of network.plugins) result = await execute("ADD", network, plugin, request, result);
      await writeAtomic(resultFile(request.sandboxId), JSON.stringify(result));
      return { ip: firstAddress(result), inside: ["link set lo up"] };
    },
    async detach(request) {
      const network = await readNetwork(confDir);
      const previous = await readFile(resultFile(request.sandboxId), "utf8").then(JSON.parse, () => undefined);
      if (!network || previous === undefined) return;
      for (const plugin of network.plugins.toReversed()) await execute("DEL", network, plugin, request, previous);
      await writeAtomic(resultFile(request.sandboxId), "");
    },
    recover: async () => {},
  };
}

/** The first configuration by file name; a single plugin counts as a list of one. */
async function readNetwork(confDir: string): Promise<NetworkList | undefined> {
  const files = (await readdir(confDir).catch(() => [])).filter((file) => /\.(conf|conflist|json)$/.test(file)).sort();
  for (const file of files) {
    const parsed = JSON.parse(await readFile(join(confDir, file), "utf8")) as NetworkList & PluginConfig;
    const { name, cniVersion = "0.4.0" } = parsed;
    return Array.isArray(parsed.plugins)
      ? { name, cniVersion, plugins: parsed.plugins }
      : { name, cniVersion, plugins: [parsed] };
  }
  return undefined;
}

async function findPlugin(binDirs: readonly string[], type: string): Promise<string> {
  if (!/^[\w.-]+$/.test(type))
    throw new CriError("INVALID_ARGUMENT", `CNI plugin type ${JSON.stringify(type)} is no file name`);
  for (const dir of binDirs) {
    const files: string[] = await readdir(dir).catch(() => []);
    if (files.includes(type)) return join(dir, type);
  }
  throw new CriError("FAILED_PRECONDITION", `failed to find plugin "${type}" in path [${binDirs.join(" ")}]`);
}

function pluginEnvironment(
  command: string,
  request: AttachRequest,
  binDirs: readonly string[],
): Record<string, string> {
  const { sandboxId, podName, podNamespace, podUid, pid } = request;
  const names = {
    K8S_POD_NAMESPACE: podNamespace,
    K8S_POD_NAME: podName,
    K8S_POD_INFRA_CONTAINER_ID: sandboxId,
    K8S_POD_UID: podUid,
  };
  const args = Object.entries({ IgnoreUnknown: "1", ...names }).map(([key, value]) => `${key}=${value}`);
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: sandboxId,
    // DEL comes after the namespace may have gone, and then without one.
    CNI_NETNS: pid > 0 ? `/proc/${pid}/ns/net` : "",
    CNI_IFNAME: "eth0",
    CNI_PATH: binDirs.join(":"),
    CNI_ARGS: args.join(";"),
  };
}

function cniPorts({ portMappings }: AttachRequest): object[] {
  return portMappings
    .filter(({ hostPort }) => hostPort > 0)
    .map(({ protocol, hostIp, hostPort, containerPort }) => {
      const name = protocol === Protocol.UDP ? "udp" : protocol === Protocol.SCTP ? "sctp" : "tcp";
      return { hostPort, containerPort, protocol: name, ...(hostIp && { hostIP: hostIp }) };
    });
}

function firstAddress(result: unknown): string {
  const ips = (result as { ips?: Array<{ address?: string }> } | undefined)?.ips ?? [];
  const address = ips[0]?.address?.split("/")[0];
  if (!address) throw new CriError("INTERNAL", "CNI plugins gave the pod no address");
  return address;
}

/** Plugins report errors as JSON on standard output. */
function pluginError(type: string, command: string, stdout: string, stderr: string): CriError {
  let message = stderr.trim();
  try {
    const { msg, details } = JSON.parse(stdout) as { msg?: string; details?: string };
    message = [msg, details].filter(Boolean).join(": ");
  } catch {
    message ||= stdout.trim();
  }
  return new CriError("UNKNOWN", `plugin type="${type}" failed (${command.toLowerCase()}): ${message}`);
}
