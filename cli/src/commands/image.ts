import { accessSync, constants } from "node:fs";
import type { Command } from "commander";
import { Listr } from "listr2";
import { requireRunning } from "../cluster/cluster.ts";
import { type CommandContext, UserError } from "../command.ts";
import { importImage } from "../images/import-image.ts";

export function defineImage(program: Command, context: CommandContext): void {
  const image = program.command("image").description("bring images to the nodes");
  image
    .command("load <archive...>")
    .description("load docker-archive or OCI-layout tarballs into the nodes")
    .option("--name <name>", "the cluster's name", "tskube")
    .option("--node <node>", "only into this node")
    .action((files: string[], options: { readonly name: string; readonly node?: string }) =>
      load(files, options, context),
    );
}

async function load(
  files: readonly string[],
  options: { readonly name: string; readonly node?: string },
  context: CommandContext,
): Promise<void> {
  const { config, paths, control } = await requireRunning(options.name, context);
  for (const file of files) requireReadable(file);
  const power = (await control.status())?.nodes ?? {};
  const nodes = config.nodes.filter(({ name }) =>
    options.node === undefined ? power[name] !== "off" : name === options.node,
  );
  if (nodes.length === 0) throw new UserError(`there is no node "${options.node}" that is on`);
  const names = new Set<string>();
  await new Listr(
    nodes.flatMap((node) =>
      files.map((file) => ({
        title: `Load ${file} into ${node.name}`,
        task: async () => {
          const loaded = await importInto(node.name, file, {
            runtime: config.runtime,
            socket: paths.node(node.name).runtimeSocket,
          });
          for (const name of loaded) names.add(name);
        },
      })),
    ),
  ).run();
  for (const name of names) context.print(name);
}

async function importInto(node: string, file: string, runtime: Parameters<typeof importImage>[0]): Promise<string[]> {
  try {
    return await importImage(runtime, file);
  } catch (error) {
    throw new UserError(`cannot load ${file} into ${node}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new UserError(`cannot read ${file}`);
  }
}
