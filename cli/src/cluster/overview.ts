import type { Node, Pod } from "@tskube/api";
import type { NodePower, SupervisorStatus } from "../supervisor/control.ts";
import type { ProgramState } from "../supervisor/program-keeper.ts";
import { figuresOf, type ProcessFigures } from "../system/processes.ts";
import type { Cluster } from "./cluster.ts";
import { isReady, withAdminClient } from "./launch.ts";

export interface NodeOverview {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly power: NodePower;
  /** What the API says: Ready, NotReady, or absent while there is no Node or no answer. */
  readonly condition: "Ready" | "NotReady" | undefined;
  readonly podsByPhase: Readonly<Record<string, number>>;
}

export interface ProgramOverview extends ProgramState {
  readonly figures: ProcessFigures | undefined;
}

/** A cluster at a glance: what runs here, and what the API says of it. */
export interface ClusterOverview {
  readonly name: string;
  readonly isRunning: boolean;
  /** The process that keeps the others running. */
  readonly supervisorPid: number | undefined;
  readonly apiserver: "answering" | "not answering";
  readonly runtime: string;
  readonly store: string;
  readonly nodes: readonly NodeOverview[];
  readonly programs: readonly ProgramOverview[];
}

const apiTimeoutMs = 3_000;

export async function overviewOf(cluster: Cluster): Promise<ClusterOverview> {
  const status = await cluster.control.status();
  const api = status ? await askApi(cluster) : undefined;
  const { config } = cluster;
  return {
    name: config.name,
    isRunning: status !== undefined,
    supervisorPid: status?.pid,
    apiserver: api ? "answering" : "not answering",
    runtime: config.runtime,
    store: config.store.kind,
    nodes: config.nodes.map(({ name, role, address }) => ({
      name,
      role,
      address,
      power: powerOf(status, name),
      condition: conditionOf(api?.nodes.find(({ metadata }) => metadata.name === name)),
      podsByPhase: countByPhase(api?.pods.filter(({ spec }) => spec.nodeName === name) ?? []),
    })),
    programs: (status?.programs ?? []).map((program) => ({
      ...program,
      figures: program.pid === undefined ? undefined : figuresOf(program.pid),
    })),
  };
}

function powerOf(status: SupervisorStatus | undefined, node: string): NodePower {
  return status?.nodes[node] ?? "off";
}

function conditionOf(node: Node | undefined): NodeOverview["condition"] {
  if (!node) return undefined;
  return isReady(node) ? "Ready" : "NotReady";
}

function countByPhase(pods: readonly Pod[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pod of pods) {
    const phase = pod.metadata.deletionTimestamp ? "Terminating" : (pod.status?.phase ?? "Unknown");
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return counts;
}

async function askApi(
  cluster: Cluster,
): Promise<{ readonly nodes: readonly Node[]; readonly pods: readonly Pod[] } | undefined> {
  const signal = AbortSignal.timeout(apiTimeoutMs);
  try {
    return await withAdminClient(cluster, async (client) => {
      const [nodes, pods] = await Promise.all([client.nodes().list({ signal }), client.pods().list({ signal })]);
      return { nodes: nodes.items, pods: pods.items };
    });
  } catch {
    return undefined; // the overview says "not answering"
  }
}
