import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { backoffMs, type Clock, type Logger, sleep } from "@tskube/base";
import { signalProcess } from "../system/processes.ts";
import type { ProgramSpec } from "./program.ts";

export type ProgramPhase = "waiting" | "starting" | "ready" | "restarting" | "stopped";

export interface ProgramState {
  readonly name: string;
  readonly node: string;
  readonly phase: ProgramPhase;
  readonly pid: number | undefined;
  readonly restarts: number;
  /** Milliseconds since the epoch of the last start. */
  readonly startedAtMs: number | undefined;
  /** How the last run ended: `exit code 1`, `signal SIGKILL`, or why it could not be started. */
  readonly lastEnd: string | undefined;
}

export interface KeeperDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves once the program answers; rejects when `signal` aborts. */
  awaitReady(spec: ProgramSpec, signal: AbortSignal): Promise<void>;
  /** How `argv` becomes a process of its node: the namespace to enter. */
  place(spec: ProgramSpec): readonly string[];
  /** Called with the pid as soon as there is one, to put it into its cgroup. */
  placed(spec: ProgramSpec, pid: number): void;
  readonly logFile: (program: string) => string;
}

const restartBackoff = { baseMs: 100, maxMs: 10_000 };
/** A program that ran this long before it ended begins anew with the shortest delay. */
const stableMs = 10_000;
/** How long a program may take to stop by itself. */
const stopGraceMs = 10_000;

/**
 * Keeps one program running: starts it, waits for it to answer, starts it again when it ends, until stopped.
 * At most one process of it exists at any time.
 */
export class ProgramKeeper {
  readonly spec: ProgramSpec;
  readonly #deps: KeeperDeps;
  readonly #stopping = new AbortController();
  readonly #firstReady: Promise<void>;
  #settleFirstReady: () => void = () => {};
  #child: ChildProcess | undefined;
  #phase: ProgramPhase = "waiting";
  #starts = 0;
  #startedAtMs: number | undefined;
  #lastEnd: string | undefined;
  #running: Promise<void> | undefined;

  constructor(spec: ProgramSpec, deps: KeeperDeps) {
    this.spec = spec;
    this.#deps = deps;
    this.#firstReady = new Promise((resolve) => {
      this.#settleFirstReady = resolve;
    });
  }

  /** Resolves when the program has answered for the first time, or was stopped. */
  get ready(): Promise<void> {
    return this.#firstReady;
  }

  get state(): ProgramState {
    return {
      name: this.spec.name,
      node: this.spec.node,
      phase: this.#phase,
      pid: this.#child?.pid,
      restarts: Math.max(0, this.#starts - 1),
      startedAtMs: this.#startedAtMs,
      lastEnd: this.#lastEnd,
    };
  }

  /** Begins once `after` has settled; returns at once. */
  start(after: Promise<unknown>): void {
    this.#running ??= this.#keep(after);
  }

  /** Ends the program (SIGTERM, then SIGKILL) and does not start it again. */
  async stop(): Promise<void> {
    this.#abandon();
    const child = this.#child;
    if (child?.pid !== undefined) {
      signalProcess(child.pid, "SIGTERM");
      const kill = this.#deps.clock.after(stopGraceMs, () => child.kill("SIGKILL"));
      await this.#running;
      kill();
    }
    await this.#running;
  }

  /** Stops looking after the program without ending it: whoever calls ends it by other means. */
  async abandon(): Promise<void> {
    this.#abandon();
    this.#child?.kill("SIGKILL");
    await this.#running;
  }

  #abandon(): void {
    this.#stopping.abort();
    this.#settleFirstReady();
  }

  async #keep(after: Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping;
    await Promise.race([after, this.#firstReady]);
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = this.#deps.clock.monotonic();
      await this.#runOnce(signal);
      if (signal.aborted) break;
      failures = this.#deps.clock.monotonic() - startedMs > stableMs ? 1 : failures + 1;
      this.#phase = "restarting";
      this.#deps.logger.warn(
        { program: this.spec.name, end: this.#lastEnd, failures },
        "program ended, starting it again",
      );
      await sleep(this.#deps.clock, backoffMs(failures, restartBackoff), signal);
    }
    this.#phase = "stopped";
  }

  async #runOnce(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const child = this.#spawn();
    this.#child = child;
    const end = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
      child.once("exit", (code, by) => resolve(by ? `signal ${by}` : `exit code ${code}`));
    });
    const answered = this.#deps.awaitReady(this.spec, AbortSignal.any([signal, ended.signal])).then(
      () => {
        this.#phase = "ready";
        this.#settleFirstReady();
      },
      () => {}, // it ended, or is being stopped, before it answered
    );
    this.#lastEnd = await end;
    ended.abort();
    await answered;
    this.#child = undefined;
  }

  #spawn(): ChildProcess {
    const { spec } = this;
    this.#phase = "starting";
    this.#starts++;
    this.#startedAtMs = this.#deps.clock.now();
    const logFile = this.#deps.logFile(spec.name);
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, "a", 0o600);
    try {
      const [program = "", ...args] = this.#deps.place(spec);
      // A process group of its own: a signal to the supervisor's group must not reach it.
      const child = spawn(program, args, {
        env: { ...process.env, ...spec.environment },
        stdio: ["ignore", log, log],
        detached: true,
      });
      if (child.pid !== undefined) this.#deps.placed(spec, child.pid);
      return child;
    } finally {
      closeSync(log);
    }
  }
}
