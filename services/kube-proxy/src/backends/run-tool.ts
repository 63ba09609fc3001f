import { spawn } from "node:child_process";

/** Runs a packet filter tool. Handed in, so that tests can read what would be run. */
export type RunTool = (argv: readonly string[], input: string, signal: AbortSignal) => Promise<string>;

const timeoutMs = 60_000;
/** A listing of all chains has about 100 characters a chain. */
const outputLimit = 64 * 1024 * 1024;

/** Runs a program with `input` on its standard input; rejects with what it said when it fails. */
export const runTool: RunTool = (argv, input, signal) => {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "pipe", signal, timeout: timeoutMs });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < outputLimit) stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < outputLimit) stderr += text;
    });
    child.once("error", (error) => reject(new Error(`cannot run ${program}`, { cause: error })));
    child.once("close", (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${argv.join(" ")} failed with exit code ${code}: ${stderr.trim().slice(0, 2000)}`));
    });
    // A tool that refuses its input may close it early: the exit code tells.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
};
