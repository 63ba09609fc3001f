import { type SpawnOptions, spawn } from "node:child_process";

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

/** Output past this is cut: nothing we run and read prints more. */
const outputLimitBytes = 16 * 1024 * 1024;

/** A command that did not end with exit code 0. */
export class CommandError extends Error {
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(argv: readonly string[], exitCode: number | undefined, stderr: string) {
    super(
      `${argv.join(" ")} failed${exitCode === undefined ? "" : ` with exit code ${exitCode}`}: ${stderr.trim() || "no output"}`,
    );
    this.name = "CommandError";
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Runs a program to its end and returns what it printed; throws CommandError if it fails or takes longer than `timeoutMs` (60 s). */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program = "", ...args] = argv;
  const spawnOptions: SpawnOptions = { stdio: ["pipe", "pipe", "pipe"], timeout: options.timeoutMs ?? 60_000 };
  if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, spawnOptions);
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < outputLimitBytes) stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < outputLimitBytes) stderr += text;
    });
    child.on("error", (error) => reject(new CommandError(argv, undefined, error.message)));
    child.on("close", (code) =>
      code === 0 ? resolve(stdout) : reject(new CommandError(argv, code ?? undefined, stderr)),
    );
    // A program that ends without reading its input closes the pipe: its exit code tells what happened.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}
