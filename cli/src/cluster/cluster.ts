import { existsSync, readFileSync } from "node:fs";
import { type CommandContext, UserError } from "../command.ts";
import { type ControlClient, createControlClient } from "../supervisor/control-client.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { type ClusterPaths, clusterPaths, clustersHome } from "./paths.ts";

/** A cluster that `up` has made, running or not. */
export interface Cluster {
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly control: ControlClient;
}

const clusterNamePattern = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;

/** The paths of a cluster by name, whether or not it exists. */
export function pathsOf(name: string, context: CommandContext): ClusterPaths {
  if (!clusterNamePattern.test(name)) {
    throw new UserError(
      `"${name}" is no name for a cluster: use up to 32 lower case letters, digits and "-", with a letter or digit at both ends`,
    );
  }
  return clusterPaths(clustersHome(context.environment, context.isRoot, context.userHome), name);
}

/** The cluster's files, or undefined if there is no such cluster. Throws a UserError for files that are broken. */
export function readCluster(name: string, context: CommandContext): Cluster | undefined {
  const paths = pathsOf(name, context);
  if (!existsSync(paths.config)) return undefined;
  try {
    const config = JSON.parse(readFileSync(paths.config, "utf8")) as ClusterConfig;
    return { config, paths, control: createControlClient(paths.controlSocket) };
  } catch (error) {
    throw new UserError(
      `cannot read ${paths.config} (${String(error)}); tskube down --delete --name ${name} removes the cluster and its data`,
    );
  }
}

/** The cluster, or a UserError that says how to make one. */
export function requireCluster(name: string, context: CommandContext): Cluster {
  const cluster = readCluster(name, context);
  if (!cluster)
    throw new UserError(
      `there is no cluster "${name}"; start one with: tskube up${name === "tskube" ? "" : ` --name ${name}`}`,
    );
  return cluster;
}

/** The cluster with a supervisor that answers, or a UserError. */
export async function requireRunning(name: string, context: CommandContext): Promise<Cluster> {
  const cluster = requireCluster(name, context);
  if (!(await cluster.control.status()))
    throw new UserError(`cluster "${name}" is not running; start it with: tskube up`);
  return cluster;
}
