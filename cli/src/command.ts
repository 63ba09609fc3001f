import type { Command } from "commander";

/** Where commands read and print: handed in, so that tests can look. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly userHome: string;
  readonly now: () => number;
  /** Prints a line on standard output. */
  print(line: string): void;
  /** Prints a line on standard error: notices that are not the result. */
  notice(line: string): void;
  /** The folder of the bundles. */
  readonly dist: string;
  /** Ends the program with this code once everything is printed. */
  setExitCode(code: number): void;
}

/** Adds one command to the program. */
export type CommandDefinition = (program: Command, context: CommandContext) => void;

/** What a person did wrong or can mend: printed as one sentence, without a stack. */
export class UserError extends Error {}
