import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import type { Command } from "commander";
import { requireCluster } from "../cluster/cluster.ts";
import { programLog } from "../cluster/launch.ts";
import { type CommandContext, UserError } from "../command.ts";

export function defineLogs(program: Command, context: CommandContext): void {
  program
    .command("logs [program]")
    .description("print a program's log, or the names of those that have one")
    .option("--name <name>", "the cluster's name", "tskube")
    .option("-f, --follow", "go on printing", false)
    .option("--tail <lines>", "how many of the last lines (200)", "200")
    .action(
      async (
        name: string | undefined,
        options: { readonly name: string; readonly follow: boolean; readonly tail: string },
      ) => {
        const cluster = requireCluster(options.name, context);
        const names = existsSync(cluster.paths.logs)
          ? readdirSync(cluster.paths.logs).flatMap((file) => /^(.+)\.log$/.exec(file)?.[1] ?? [])
          : [];
        if (name === undefined) {
          for (const known of names) context.print(known);
          return;
        }
        if (!names.includes(name))
          throw new UserError(`there is no log of "${name}"; there are ${names.join(", ") || "none yet"}`);
        if (!/^\d+$/.test(options.tail)) throw new UserError(`--tail takes a number of lines, not "${options.tail}"`);
        // -F, not -f: logs are rotated.
        const child = spawn(
          "tail",
          ["-n", options.tail, ...(options.follow ? ["-F"] : []), programLog(cluster, name)],
          { stdio: "inherit" },
        );
        await new Promise<void>((resolve) => child.once("exit", () => resolve()));
      },
    );
}
