import { Command, CommanderError, Option as CommanderOption } from "commander";
import { flagName, variableName } from "./names.ts";
import type { Option, OptionTable } from "./option.ts";
import { UsageError } from "./usage-error.ts";

export interface ProgramInfo {
  /** The program's name, as in `kube-proxy`. */
  readonly name: string;
  readonly description: string;
  readonly version: string;
}

export type CommandLine =
  | { readonly kind: "options"; readonly given: Readonly<Record<string, unknown>> }
  /** `--help` or `--version`: what to print instead of running. */
  | { readonly kind: "print"; readonly text: string };

/** Reads flags (`--name value`, `--name=value`, `--flag`, `--flag=false`); values are still texts. Throws `UsageError`. */
export function parseCommandLine(program: ProgramInfo, table: OptionTable, args: readonly string[]): CommandLine {
  let printed = "";
  const command = new Command(program.name)
    .description(program.description)
    .version(`${program.name} ${program.version}`, "--version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => {} });
  for (const [name, option] of Object.entries(table)) command.addOption(commanderOption(program.name, name, option));
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "print", text: printed };
    throw new UsageError(error.message.replace(/^error: /, ""));
  }
  return { kind: "options", given: byOptionName(table, command.opts()) };
}

function commanderOption(program: string, name: string, option: Option<unknown>): CommanderOption {
  const flag = `--${flagName(name)}`;
  const value = option.value === undefined ? " [bool]" : ` <${option.value}>`;
  // Upstream's `-v 4` and `--v=4` are one flag whose two spellings have the same letter.
  const spelled = option.short ? `-${option.short}, ${flag}${value}` : flag + value;
  const made = new CommanderOption(spelled, `${option.help}${defaultNote(option)} [${variableName(program, name)}]`);
  return option.isList
    ? made.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
    : made;
}

function defaultNote({ default: value, show = JSON.stringify }: Option<unknown>): string {
  if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "";
  return ` (default ${show(value)})`;
}

function byOptionName(table: OptionTable, parsed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(table)) {
    const value = parsed[commanderName(name)];
    if (value !== undefined) given[name] = value;
  }
  return given;
}

/** Commander names values by its own camel case of the flag, which differs from ours after acronyms. */
function commanderName(option: string): string {
  return flagName(option).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
