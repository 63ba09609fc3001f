import { spawn } from "node:child_process";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

const outputLimitBytes = 1 << 20;
const defaultTimeoutMs = 30_000;

/** Runs a helper program to its end. A program that cannot be started, or not within its time, throws; exit codes are the caller's to judge. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.env ?? process.env, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    collect(child.stdout, stdout);
    collect(child.stderr, stderr);
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(limit);
      reject(new Error(`cannot run ${file}`, { cause: error }));
    });
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      if (isLate) reject(new Error(`${file} did not finish within ${timeoutMs} ms`));
      else resolve({ code: code ?? (signal ? 128 : 1), stdout: text(stdout), stderr: text(stderr) });
    });
    child.stdin.on("error", () => {}); // a program may end without reading its input
    child.stdin.end(options.input ?? "");
  });
}

/** The same, but any exit code above zero throws with what the program said. */
export async function runOrThrow(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(file, args, options);
  if (code !== 0) throw new Error(`${file} failed with exit code ${code}: ${(stderr || stdout).trim()}`);
  return stdout;
}

function collect(stream: NodeJS.ReadableStream, chunks: Buffer[]): void {
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= outputLimitBytes) chunks.push(chunk);
  });
}

const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8");
