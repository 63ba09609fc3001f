import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tskube/base";
import type { Command } from "commander";
import { Listr } from "listr2";
import { type Cluster, pathsOf, readCluster } from "../cluster/cluster.ts";
import type { ClusterConfig } from "../cluster/cluster-config.ts";
import { readKubeconfig } from "../cluster/kubeconfig.ts";
import {
  awaitNodesReady,
  awaitPrograms,
  hasControlPlaneLabel,
  labelControlPlane,
  listNodes,
  startSupervisor,
  withAdminClient,
} from "../cluster/launch.ts";
import { conflictingOptions, type MachineFacts, planCluster, type UpOptions } from "../cluster/options.ts";
import { checkMachine, whyNoNamespaces } from "../cluster/preflight.ts";
import { mergeIntoUserKubeconfig, prepareFiles } from "../cluster/prepare.ts";
import { type CommandContext, UserError } from "../command.ts";
import type { SupervisorStatus } from "../supervisor/control.ts";
import { createControlClient } from "../supervisor/control-client.ts";
import { findExecutable } from "../supervisor/installation.ts";

const programsTimeoutMs = 60_000;
const nodesTimeoutMs = 120_000;

export function defineUp(program: Command, context: CommandContext): void {
  program
    .command("up")
    .description("start a cluster, or the one that was stopped")
    .option("--name <name>", "the cluster's name, and its kubeconfig context's", "tskube")
    .option("--nodes <count>", "nodes, the control plane included (3)")
    .option("--runtime <runtime>", "auto, containerd or process (auto)")
    .option("--store <store>", "embedded, or etcd to start one (embedded)")
    .option("--etcd-endpoints <urls>", "use an etcd that runs already")
    .option("--etcd-cafile <file>", "the CA of that etcd")
    .option("--etcd-certfile <file>", "the client certificate for that etcd")
    .option("--etcd-keyfile <file>", "its key")
    .option("--subnet <cidr>", "the nodes' own network (172.30.0.0/24)")
    .option("--port <port>", "the API server's port (6443)")
    .option("--kubeconfig <file>", "where to merge the cluster's context (~/.kube/config)")
    .option("--no-uplink", "keep nodes and pods from reaching beyond this machine")
    .option("--quick-failover", "notice a dead node after 4 s and move its pods 3 s later, for demonstrations")
    .option("--node-grace-period <seconds>", "how long a node may be silent (50)")
    .option("--toleration-seconds <seconds>", "how long pods stay on a node that is not ready (300)")
    .action((options: UpOptions & { readonly name: string }) => up(options.name, givenOptions(options), context));
}

/** `--no-uplink` has a default in commander: only its negation counts as given. */
function givenOptions({ uplink, ...options }: UpOptions): UpOptions {
  return uplink === false ? { ...options, uplink } : options;
}

async function up(name: string, options: UpOptions, context: CommandContext): Promise<void> {
  const facts = await machineFacts(context);
  const existing = readCluster(name, context);
  if (existing) refuseOtherOptions(existing, options, facts);
  const status = await existing?.control.status();
  if (existing && status && (await isComplete(existing, status))) {
    context.print(`Cluster "${name}" is running.`);
    return;
  }
  const config = existing?.config ?? planCluster(name, options, facts);
  refuseLostPrivileges(config, facts);
  if (config.isolation === "host")
    context.notice(
      `Nodes cannot be network namespaces (${facts.whyNoNamespaces}): this cluster has one node, the machine itself.`,
    );
  if (config.isolation === "namespaces" && options.uplink === undefined && !facts.hasNft) {
    context.notice("Nodes cannot reach beyond this machine: nft is not installed (package nftables).");
  }
  const paths = pathsOf(name, context);
  await checkMachine(config, paths.root);
  readKubeconfig(config.kubeconfig); // a broken one is better found before anything runs
  const cluster: Cluster = { config, paths, control: createControlClient(paths.controlSocket) };
  await steps(cluster, context).run();
  context.print(usage(cluster));
}

/** Whether an earlier `up` got to its end: one that was interrupted is gone on with. Nodes that were turned off since do not count. */
async function isComplete({ config, paths, control }: Cluster, status: SupervisorStatus): Promise<boolean> {
  const on = config.nodes.filter(({ name }) => status.nodes[name] !== "off");
  const isReady = status.programs.every(({ node, phase }) => phase === "ready" || status.nodes[node] === "off");
  const hasContext = readKubeconfig(config.kubeconfig).contexts?.some(({ name }) => name === config.name) ?? false;
  if (!isReady || !hasContext) return false;
  const nodes = await withAdminClient({ config, paths, control }, listNodes);
  return on.every(({ name, role }) =>
    nodes.some(
      ({ metadata }) =>
        metadata.name === name &&
        (role === "worker" || config.nodes.length === 1 || hasControlPlaneLabel(metadata.labels)),
    ),
  );
}

function steps(cluster: Cluster, context: CommandContext): Listr {
  const { config, paths } = cluster;
  const waitingFor = (task: { output: string }) => (names: readonly string[]) => {
    const output = `waiting for ${names.join(", ")}`;
    if (task.output !== output) task.output = output; // without a terminal each assignment prints a line
  };
  return new Listr([
    { title: "Write certificates and configuration", task: () => prepareFiles(config, paths, context.now()) },
    {
      title: `Start the control plane on ${storeTitle(config)}`,
      task: async (_, task) => {
        if (!(await cluster.control.status())) await startSupervisor(cluster, context.dist, systemClock);
        await awaitPrograms(
          cluster,
          ({ name }) => ["etcd", "apiserver"].includes(name),
          programsTimeoutMs,
          systemClock,
          waitingFor(task),
        );
      },
    },
    {
      title: `Start ${config.nodes.length === 1 ? "the node" : `${config.nodes.length} nodes`} on ${config.runtime === "process" ? "the process runtime" : config.runtime}`,
      task: (_, task) => awaitPrograms(cluster, () => true, programsTimeoutMs, systemClock, waitingFor(task)),
    },
    {
      title: "Label the control plane",
      skip: () => config.nodes.length === 1 && "the only node runs everything",
      task: () => labelControlPlane(cluster, nodesTimeoutMs, systemClock),
    },
    {
      title: "Wait for the nodes to be Ready",
      task: async (_, task) => {
        const power = (await cluster.control.status())?.nodes ?? {};
        const names = config.nodes.map(({ name }) => name).filter((name) => power[name] !== "off");
        await awaitNodesReady(cluster, names, nodesTimeoutMs, systemClock, waitingFor(task));
      },
    },
    {
      title: `Merge context "${config.name}" into ${config.kubeconfig}`,
      task: () => mergeIntoUserKubeconfig(config, paths),
    },
  ]);
}

function storeTitle(config: ClusterConfig): string {
  return { embedded: "the embedded store", etcd: "etcd", "external-etcd": "an external etcd" }[config.store.kind];
}

function refuseOtherOptions({ config }: Cluster, options: UpOptions, facts: MachineFacts): void {
  const flags = conflictingOptions(config, options, facts);
  if (flags.length === 0) return;
  const name = config.name === "tskube" ? "" : ` --name ${config.name}`;
  throw new UserError(
    `cluster "${config.name}" exists with another ${flags.join(", ")}; start it without, or remove it first with: tskube down --delete${name}`,
  );
}

function refuseLostPrivileges(config: ClusterConfig, facts: MachineFacts): void {
  if (config.isolation === "namespaces" && facts.whyNoNamespaces) {
    throw new UserError(`the nodes of cluster "${config.name}" are network namespaces, but ${facts.whyNoNamespaces}`);
  }
}

async function machineFacts(context: CommandContext): Promise<MachineFacts> {
  return {
    whyNoNamespaces: await whyNoNamespaces(context.isRoot),
    hasContainerd: ["containerd", "ctr", "runc"].every((tool) => findExecutable(tool)),
    hasEtcd: findExecutable("etcd") !== undefined,
    hasNft: findExecutable("nft") !== undefined,
    address: machineAddress(),
    defaultKubeconfig: context.environment.KUBECONFIG?.split(":")[0] || join(context.userHome, ".kube", "config"),
  };
}

function machineAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

function usage({ config }: Cluster): string {
  const name = config.name === "tskube" ? "" : ` --name ${config.name}`;
  const node = config.nodes.at(-1)?.name ?? "";
  const image = config.runtime === "process" ? "host" : "IMAGE";
  return [
    "",
    `Cluster "${config.name}" is ready.`,
    "",
    "  kubectl get nodes -o wide",
    `  kubectl create deployment kubia --image=${image}`,
    `  tskube status${name}               what runs, at a glance`,
    ...(config.isolation === "namespaces" ? [`  tskube node kill ${node}${name}   and see it heal`] : []),
    `  tskube down${name}                 stop it; --delete removes its data, too`,
  ].join("\n");
}
