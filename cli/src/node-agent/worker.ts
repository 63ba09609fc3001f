import { join } from "node:path";
import { aborted, type Clock, errorMessage, type Logger } from "@tskube/base";
import type { NodeConfig } from "../cluster/cluster-config.ts";
import { importImage } from "../images/import-image.ts";
import { NodeRoutes } from "../supervisor/node-routes.ts";
import type { ProgramSpec } from "../supervisor/program.ts";
import { ProgramKeeper } from "../supervisor/program-keeper.ts";
import { kubeconfigFile, nodePrograms, type Plan, runtimeProgram } from "../supervisor/programs.ts";
import { awaitReady } from "../supervisor/readiness.ts";
import { run } from "../system/run.ts";

export interface WorkerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where programs write to: the container's own output, so that `docker logs` shows everything. */
  readonly logFile: string;
  readonly pauseArchive: string;
}

/**
 * Runs a worker until `signal` aborts: containerd, the kubelet and kube-proxy, each started again when it ends, and the routes to other
 * workers' pods. Resolves once all of them have ended.
 */
export async function runWorker(plan: Plan, node: NodeConfig, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const keepers = new Map(
    nodePrograms(plan, node).map((spec) => [spec.name, new ProgramKeeper(spec, keeperDeps(plan, deps))]),
  );
  // Programs of other containers are not waited for: they are asked again until they answer.
  for (const keeper of keepers.values())
    keeper.start(Promise.all(keeper.spec.after.map((name) => keepers.get(name)?.ready)));
  const routes = followRoutes(plan, node, deps, signal);
  await aborted(signal);
  deps.logger.info({ node: node.name }, "stopping");
  // The runtime goes last: what the kubelet does at its end, it does through it.
  for (const keeper of [...keepers.values()].reverse()) await keeper.stop();
  await routes;
}

function keeperDeps(plan: Plan, { clock, logger, logFile, pauseArchive }: WorkerDeps) {
  const caFile = join(plan.paths.pki, "ca.crt");
  return {
    clock,
    logger,
    awaitReady: async (spec: ProgramSpec, signal: AbortSignal) => {
      await awaitReady(spec.readiness, caFile, clock, signal);
      if (spec.name !== runtimeProgram(spec.node)) return;
      // Without the pause image the runtime can run no pod.
      await importImage({ runtime: "containerd", socket: plan.paths.node(spec.node).runtimeSocket }, pauseArchive);
    },
    place: ({ argv }: ProgramSpec) => argv,
    placed: () => {},
    logFile: () => logFile,
  };
}

/** kube-proxy's credentials serve: they may read all Nodes, which a kubelet's may not. */
async function followRoutes(plan: Plan, node: NodeConfig, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const { clock, logger } = deps;
  const apply = async (lines: readonly string[]) => {
    await run(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  };
  const kubeconfig = kubeconfigFile(plan.paths, "kube-proxy");
  const routes = new NodeRoutes({ kubeconfig, clock, logger, tables: () => [{ node: node.name, apply }] });
  try {
    await routes.run(signal);
  } catch (error) {
    if (!signal.aborted)
      logger.error({ error: errorMessage(error) }, "cannot follow nodes, routes to their pods stay as they are");
  }
}
