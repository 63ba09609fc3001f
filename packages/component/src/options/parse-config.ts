import { errorMessage } from "@tskube/base";
import { type CommandLine, type ProgramInfo, parseCommandLine } from "./command-line.ts";
import { flagName, variableName } from "./names.ts";
import { BadValue, type Option, type OptionTable, type OptionValues } from "./option.ts";
import { UsageError } from "./usage-error.ts";

/** A parsed configuration file. */
export type ConfigDocument = Readonly<Record<string, unknown>>;

export interface ConfigSpec<S extends OptionTable> extends ProgramInfo {
  readonly options: S;
  /**
   * Reads a component config kind (a file with `apiVersion` and `kind`): what it says about options, by their names. The rest
   * of the document is the program's own and reaches it as `document`. Throws for a kind that is not this program's.
   */
  readonly readKind?: (document: ConfigDocument) => Readonly<Record<string, unknown>>;
  /** Checks values against each other; throws or returns the complaint. */
  readonly validate?: (values: OptionValues<S>) => string | undefined;
}

export interface ConfigSources {
  /** Without the interpreter and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
  readonly parseYaml: (text: string) => unknown;
}

export type ParsedConfig<S extends OptionTable> =
  | { readonly kind: "run"; readonly values: OptionValues<S>; readonly document: ConfigDocument | undefined }
  | { readonly kind: "print"; readonly text: string };

/** Flags override the environment, which overrides the file, which overrides defaults. Values are frozen. Throws `UsageError`. */
export function parseConfig<S extends OptionTable>(spec: ConfigSpec<S>, sources: ConfigSources): ParsedConfig<S> {
  const commandLine: CommandLine = parseCommandLine(spec, spec.options, sources.args);
  if (commandLine.kind === "print") return commandLine;
  const configPath = commandLine.given.config ?? sources.env[variableName(spec.name, "config")];
  const document = typeof configPath === "string" && configPath !== "" ? readDocument(configPath, sources) : undefined;
  const fromFile = document ? fileValues(spec, document) : {};

  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(spec.options)) {
    const variable = variableName(spec.name, name);
    if (commandLine.given[name] !== undefined)
      values[name] = parseValue(option, commandLine.given[name], `--${flagName(name)}`);
    else if (sources.env[variable]) values[name] = parseValue(option, sources.env[variable], variable);
    else if (fromFile[name] !== undefined)
      values[name] = parseValue(option, fromFile[name], `${flagName(name)} in ${configPath}`);
    else values[name] = option.default;
  }
  const typed = Object.freeze(values) as OptionValues<S>;
  const complaint = spec.validate?.(typed);
  if (complaint) throw new UsageError(complaint);
  return { kind: "run", values: typed, document };
}

function parseValue(option: Option<unknown>, raw: unknown, where: string): unknown {
  try {
    return option.parse(raw);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new UsageError(`${where} must be ${error.message}, not ${JSON.stringify(raw)}`);
  }
}

function readDocument(path: string, { readFile, parseYaml }: ConfigSources): ConfigDocument {
  let document: unknown;
  try {
    document = parseYaml(readFile(path));
  } catch (error) {
    throw new UsageError(`cannot read the configuration file ${path}: ${errorMessage(error)}`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new UsageError(`the configuration file ${path} must hold an object`);
  }
  return document as ConfigDocument;
}

function fileValues<S extends OptionTable>(
  spec: ConfigSpec<S>,
  document: ConfigDocument,
): Readonly<Record<string, unknown>> {
  if (document.apiVersion !== undefined && document.kind !== undefined) {
    if (!spec.readKind) throw new UsageError(`${spec.name} takes no configuration of kind ${String(document.kind)}`);
    try {
      return spec.readKind(document);
    } catch (error) {
      throw new UsageError(errorMessage(error));
    }
  }
  const names = new Map(
    Object.keys(spec.options).flatMap((name) => [[name, name] as const, [flagName(name), name] as const]),
  );
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(document)) {
    const name = names.get(key);
    if (!name) throw new UsageError(`the configuration file has the unknown setting ${JSON.stringify(key)}`);
    values[name] = value;
  }
  return values;
}
