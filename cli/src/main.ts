import { homedir } from "node:os";
import { errorMessage } from "@tskube/base";
import { Command, CommanderError } from "commander";
import { type CommandContext, UserError } from "./command.ts";
import { commands } from "./commands/index.ts";

const usageExitCode = 2;

const context: CommandContext = {
  environment: process.env,
  isRoot: process.getuid?.() === 0,
  userHome: homedir(),
  now: Date.now,
  print: (line) => void process.stdout.write(`${line}\n`),
  notice: (line) => void process.stderr.write(`${line}\n`),
  dist: import.meta.dirname,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

const program = new Command("tskube")
  .description("Kubernetes in TypeScript: clusters on this machine")
  .enablePositionalOptions()
  .showHelpAfterError("(tskube --help lists the commands)")
  .exitOverride();
for (const define of commands) define(program, context);

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usageExitCode; // commander has said it already
    return;
  }
  context.notice(`tskube: ${errorMessage(error)}`);
  if (!(error instanceof UserError) && error instanceof Error && process.env.TSKUBE_DEBUG)
    context.notice(error.stack ?? "");
  process.exitCode = 1;
});
