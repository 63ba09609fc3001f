import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Node } from "@tskube/api";
import { type Clock, sleep } from "@tskube/base";
import { type Client, createClient, loadClientConfig } from "@tskube/client";
import { UserError } from "../command.ts";
import type { SupervisorStatus } from "../supervisor/control.ts";
import type { ProgramState } from "../supervisor/program-keeper.ts";
import { kubeconfigFile } from "../supervisor/programs.ts";
import { identityOf, isAlive } from "../system/processes.ts";
import type { Cluster } from "./cluster.ts";
import { controlPlaneOf } from "./cluster-config.ts";
import { clusterVariable } from "./end-node.ts";

const pollMs = 50;
/** A program that was started this often without ever answering will not answer by waiting. */
const hopelessRestarts = 5;

/** Starts the cluster's supervisor in the background, detached from this process and its terminal; resolves once it answers. */
export async function startSupervisor(cluster: Cluster, dist: string, clock: Clock): Promise<void> {
  const logFile = join(cluster.paths.logs, "supervisor.log");
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [join(dist, "supervisor.cjs"), cluster.paths.root], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, [clusterVariable]: cluster.paths.root },
  });
  closeSync(log);
  let end: string | undefined;
  child.once("error", (error) => {
    end = error.message;
  });
  child.once("exit", (code, signal) => {
    end = signal ?? `exit code ${code}`;
  });
  child.unref();
  while (!(await cluster.control.status())) {
    if (end !== undefined) throw new UserError(`the supervisor ended (${end}): ${lastError(logFile)}`);
    await sleep(clock, pollMs);
  }
}

/** Waits until every program that `isWanted` picks is ready, telling `progress` which are not. */
export async function awaitPrograms(
  cluster: Cluster,
  isWanted: (program: ProgramState) => boolean,
  timeoutMs: number,
  clock: Clock,
  progress: (waitingFor: readonly string[]) => void,
): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    const status = await requireStatus(cluster);
    // Programs of a node that was turned off are stopped: nobody waits for them.
    const missing = status.programs.filter(
      (program) => isWanted(program) && !["ready", "stopped"].includes(program.phase),
    );
    if (missing.length === 0) return;
    progress(missing.map(({ name }) => name));
    const hopeless = missing.find(({ restarts }) => restarts >= hopelessRestarts);
    if (hopeless)
      throw new UserError(
        `${hopeless.name} ends again and again (${hopeless.lastEnd}): ${lastError(programLog(cluster, hopeless.name))}`,
      );
    if (clock.monotonic() > deadline) {
      const names = missing.map(({ name }) => name).join(", ");
      throw new UserError(`${names} did not become ready within ${timeoutMs / 1000} s; see ${cluster.paths.logs}`);
    }
    await sleep(clock, pollMs);
  }
}

/** Calls `use` with a client of the cluster's administrator, and closes it. */
export async function withAdminClient<T>(cluster: Cluster, use: (client: Client) => Promise<T>): Promise<T> {
  const config = loadClientConfig({ path: kubeconfigFile(cluster.paths, "admin") });
  const client = createClient(config, { userAgent: "tskube", qps: -1 });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Waits until the API says that all `names` are Ready. */
export async function awaitNodesReady(
  cluster: Cluster,
  names: readonly string[],
  timeoutMs: number,
  clock: Clock,
  progress: (waitingFor: readonly string[]) => void,
): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs;
  await withAdminClient(cluster, async (client) => {
    for (;;) {
      const ready = new Set((await listNodes(client)).filter(isReady).map(({ metadata }) => metadata.name));
      const missing = names.filter((name) => !ready.has(name));
      if (missing.length === 0) return;
      progress(missing);
      if (clock.monotonic() > deadline) {
        throw new UserError(
          `${missing.join(", ")} did not become Ready within ${timeoutMs / 1000} s; see tskube status and ${cluster.paths.logs}`,
        );
      }
      await sleep(clock, pollMs);
    }
  });
}

/** What kubeadm writes on control planes; a kubelet may not give itself a role (NodeRestriction). */
const controlPlaneLabels = {
  "node-role.kubernetes.io/control-plane": "",
  "node.kubernetes.io/exclude-from-external-load-balancers": "",
};

export function hasControlPlaneLabel(labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(controlPlaneLabels).every((label) => labels?.[label] !== undefined);
}

/** Labels the control plane's Node as such once there is one. */
export async function labelControlPlane(cluster: Cluster, timeoutMs: number, clock: Clock): Promise<void> {
  const { name } = controlPlaneOf(cluster.config);
  const deadline = clock.monotonic() + timeoutMs;
  await withAdminClient(cluster, async (client) => {
    while (!(await listNodes(client)).some(({ metadata }) => metadata.name === name)) {
      if (clock.monotonic() > deadline)
        throw new UserError(`${name} did not register within ${timeoutMs / 1000} s; see ${cluster.paths.logs}`);
      await sleep(clock, pollMs);
    }
    await client.nodes().patch(name, { metadata: { labels: controlPlaneLabels } });
  });
}

/** No nodes while the apiserver restarts: asked again shortly, within the caller's deadline. */
export async function listNodes(client: Client): Promise<readonly Node[]> {
  try {
    return (await client.nodes().list()).items;
  } catch {
    return [];
  }
}

export function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

async function requireStatus(cluster: Cluster): Promise<SupervisorStatus> {
  const status = await cluster.control.status();
  if (!status)
    throw new UserError(`the supervisor has ended: ${lastError(join(cluster.paths.logs, "supervisor.log"))}`);
  return status;
}

/** Asks the supervisor to stop the cluster and waits until it has ended; false if there is none. */
export async function stopSupervisor(cluster: Cluster, clock: Clock): Promise<boolean> {
  const status = await cluster.control.status();
  const supervisor = status && identityOf(status.pid);
  if (!supervisor) return false;
  await cluster.control.stop();
  while (isAlive(supervisor)) await sleep(clock, pollMs);
  return true;
}

export function programLog(cluster: Cluster, program: string): string {
  return join(cluster.paths.logs, `${program}.log`);
}

/** The last thing a log file says in words, with the place to read on. */
function lastError(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-20) : [];
  const said = lines.reverse().map(messageOf).find(Boolean);
  return `${said ?? "it said nothing"} (${logFile})`;
}

function messageOf(line: string): string {
  try {
    const { msg, err, error } = JSON.parse(line) as { msg?: string; err?: { message?: string }; error?: string };
    return [msg, err?.message ?? error].filter(Boolean).join(": ");
  } catch {
    return line.trim();
  }
}
