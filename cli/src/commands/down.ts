import { existsSync, rmSync } from "node:fs";
import { systemClock } from "@tskube/base";
import type { Command } from "commander";
import { Listr } from "listr2";
import { type Cluster, pathsOf, readCluster } from "../cluster/cluster.ts";
import { stopSupervisor } from "../cluster/launch.ts";
import { removeFiles, removeTraces } from "../cluster/remove.ts";
import { type CommandContext, UserError } from "../command.ts";

export function defineDown(program: Command, context: CommandContext): void {
  program
    .command("down")
    .description("stop a cluster and remove everything it has on this machine but its data")
    .option("--name <name>", "the cluster's name", "tskube")
    .option("--delete", "remove its data and its kubeconfig context, too", false)
    .action((options: { readonly name: string; readonly delete: boolean }) =>
      down(options.name, options.delete, context),
    );
}

async function down(name: string, isDelete: boolean, context: CommandContext): Promise<void> {
  const cluster = isDelete ? readOrRemoveBroken(name, context) : readCluster(name, context);
  if (!cluster) {
    context.print(`There is no cluster "${name}".`);
    return;
  }
  if (cluster.config.isolation === "namespaces" && !context.isRoot)
    throw new UserError(`cluster "${name}" was started by root; stop it as root`);
  await new Listr([
    {
      title: "Stop the programs",
      task: async (_, task) => {
        if (!(await stopSupervisor(cluster, systemClock))) task.title = "Stop the programs: no supervisor runs";
      },
    },
    {
      title: "Remove processes, mounts, namespaces and rules that are left",
      task: () => removeTraces(cluster, systemClock),
    },
    {
      title: "Remove data and kubeconfig context",
      skip: () => !isDelete && "kept; --delete removes them",
      task: () => removeFiles(cluster),
    },
  ]).run();
}

/** A cluster whose config cannot be read has nothing that could still run under it: its folder is removed. */
function readOrRemoveBroken(name: string, context: CommandContext): Cluster | undefined {
  const { root, config } = pathsOf(name, context);
  try {
    const cluster = readCluster(name, context);
    if (!cluster && existsSync(root) && !existsSync(config)) rmSync(root, { recursive: true });
    return cluster;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    rmSync(root, { recursive: true });
    return undefined;
  }
}
