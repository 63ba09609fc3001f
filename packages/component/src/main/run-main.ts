import { readFileSync } from "node:fs";
import {
  type Clock,
  createLogger,
  createMetrics,
  errorMessage,
  type Logger,
  type LogLevel,
  type MetricsRegistry,
  systemClock,
} from "@tskube/base";
import { parse } from "yaml";
import type { Option, OptionTable, OptionValues } from "../options/option.ts";
import { type ConfigDocument, type ConfigSpec, type ParsedConfig, parseConfig } from "../options/parse-config.ts";
import { UsageError } from "../options/usage-error.ts";
import { watchSignals } from "./signals.ts";

/** What a program gets to run with. */
export interface MainContext {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  /** Aborts on SIGTERM and SIGINT: `run` then closes what it opened and resolves. */
  readonly signal: AbortSignal;
  /** The configuration file, when one was given. */
  readonly document: ConfigDocument | undefined;
  readonly version: string;
}

/** Options that `runMain` itself reads. */
export type BaseTable = OptionTable & { readonly logLevel: Option<LogLevel>; readonly v: Option<number | undefined> };

export interface Program<S extends BaseTable> extends ConfigSpec<S> {
  /** Resolves when everything it started is closed. */
  run(values: OptionValues<S>, context: MainContext): Promise<void>;
}

/** The parts of `process` that a main program touches. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): void;
}

/** A wrong flag or file. */
const usageExitCode = 2;

/**
 * All of a `main.ts`: reads the configuration, runs the program until it ends or a signal stops it, and exits with 0, with 1
 * after a failure (logged) or with 2 after a wrong flag (one sentence on standard error).
 */
export async function runMain<S extends BaseTable>(program: Program<S>, host: Host): Promise<void> {
  const parsed = parseOrExplain(program, host);
  if (!parsed) return;
  if (parsed.kind === "print") {
    host.stdout.write(parsed.text);
    return host.exit(0);
  }
  const { values, document } = parsed;
  const { logLevel, v } = values as { readonly logLevel: LogLevel; readonly v: number | undefined };
  const logger = createLogger({ component: program.name, level: v !== undefined && v >= 4 ? "debug" : logLevel });
  const signal = watchSignals(host, logger);
  const metrics = createMetrics({ processFigures: true });
  try {
    await program.run(values, { logger, clock: systemClock, metrics, signal, document, version: program.version });
    host.exit(0);
  } catch (error) {
    if (error instanceof UsageError) explain(program, host, error);
    else {
      logger.error({ err: error }, `${program.name} failed: ${errorMessage(error)}`);
      host.exit(1);
    }
  }
}

function parseOrExplain<S extends BaseTable>(program: Program<S>, host: Host): ParsedConfig<S> | undefined {
  try {
    return parseConfig(program, {
      args: host.argv.slice(2),
      env: host.env,
      readFile: (path) => readFileSync(path, "utf8"),
      parseYaml: (text) => parse(text),
    });
  } catch (error) {
    explain(program, host, error);
    return undefined;
  }
}

function explain(program: { readonly name: string }, host: Host, error: unknown): void {
  host.stderr.write(`${program.name}: ${errorMessage(error)}\n`);
  host.exit(usageExitCode);
}
