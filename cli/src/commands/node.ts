import { spawn } from "node:child_process";
import { systemClock } from "@tskube/base";
import type { Command } from "commander";
import { Listr } from "listr2";
import { requireRunning } from "../cluster/cluster.ts";
import { namespaceOf } from "../cluster/cluster-config.ts";
import { awaitNodesReady, awaitPrograms } from "../cluster/launch.ts";
import { type CommandContext, UserError } from "../command.ts";
import { insideNamespace } from "../network/apply.ts";
import type { NodeAction } from "../supervisor/control.ts";

interface NodeCommand {
  readonly action: NodeAction;
  readonly description: string;
  readonly done: (node: string) => string;
}

const nodeCommands: readonly NodeCommand[] = [
  { action: "kill", description: "end a node at once, as a power cut would", done: (node) => `Node ${node} is off.` },
  { action: "stop", description: "stop a node's programs, then turn it off", done: (node) => `Node ${node} is off.` },
  { action: "start", description: "turn a node on again", done: (node) => `Node ${node} is Ready.` },
  {
    action: "partition",
    description: "cut a node off from the network",
    done: (node) => `Node ${node} is cut off; tskube node heal ${node} connects it again.`,
  },
  { action: "heal", description: "connect a node again", done: (node) => `Node ${node} is connected.` },
];

const readyTimeoutMs = 60_000;

export function defineNode(program: Command, context: CommandContext): void {
  const node = program.command("node").description("end, start, cut off and look into nodes");
  for (const { action, description, done } of nodeCommands) {
    node
      .command(`${action} <node>`)
      .description(description)
      .option("--name <name>", "the cluster's name", "tskube")
      .action(async (name: string, options: { readonly name: string }) => {
        await act(options.name, name, action, context);
        context.print(done(name));
      });
  }
  node
    .command("shell <node> [command...]")
    .description("run a shell, or a command, in a node's network")
    .option("--name <name>", "the cluster's name", "tskube")
    .action((name: string, argv: string[], options: { readonly name: string }) =>
      shell(options.name, name, argv, context),
    );
}

async function act(clusterName: string, node: string, action: NodeAction, context: CommandContext): Promise<void> {
  const cluster = await requireRunning(clusterName, context);
  try {
    await cluster.control.act(node, action);
  } catch (error) {
    throw error instanceof Error ? new UserError(error.message) : error;
  }
  if (action !== "start") return;
  await new Listr([
    {
      title: `Start the programs of ${node}`,
      task: () =>
        awaitPrograms(
          cluster,
          (program) => program.node === node,
          readyTimeoutMs,
          systemClock,
          () => {},
        ),
    },
    {
      title: `Wait for ${node} to be Ready`,
      task: () => awaitNodesReady(cluster, [node], readyTimeoutMs, systemClock, () => {}),
    },
  ]).run();
}

async function shell(
  clusterName: string,
  node: string,
  argv: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { config } = await requireRunning(clusterName, context);
  if (!config.nodes.some(({ name }) => name === node)) throw new UserError(`there is no node "${node}"`);
  if (config.isolation === "host")
    throw new UserError("the only node of this cluster is the machine itself: use your own shell");
  const command = argv.length > 0 ? argv : [context.environment.SHELL ?? "/bin/sh"];
  const [program = "", ...args] = insideNamespace(namespaceOf(config, node), command);
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  context.setExitCode(code);
}
