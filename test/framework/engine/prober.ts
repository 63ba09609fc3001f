import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Engine } from "./engine.ts";

/** Asks a URL again and again from inside the engine's network. */
export interface Prober {
  /** The longest time without a good answer so far, the time since the last one included. */
  longestGapMs(): number;
  answers(): number;
  /** How requests ended that had no good answer, with the time: the first hundred. */
  failures(): readonly string[];
  stop(): Promise<void>;
}

/** How long a request waits for its answer, and so how long one under way hides that others would be answered. */
export const requestTimeoutMs = 1_000;
const pauseMs = 50;
const keptFailures = 100;

/** A new connection each time, so that each request may meet another endpoint. Prints how each request ended. */
const program = `
const { get } = require("node:http");
function ask() {
  const call = get(process.argv[1], { agent: false, timeout: ${requestTimeoutMs} }, (answer) => {
    answer.resume();
    answer.on("end", () => console.log(answer.statusCode === 200 ? "ok" : "status " + answer.statusCode));
  });
  call.on("timeout", () => call.destroy(new Error("no answer in time")));
  call.on("error", (error) => console.log(error.message));
  call.on("close", () => setTimeout(ask, ${pauseMs}));
}
ask();
`;

export function startProber(engine: Engine, url: string): Prober {
  const [command = "", ...args] = engine.inside([process.execPath, "-e", program, url]);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let answers = 0;
  const failures: string[] = [];
  let lastMs = performance.now();
  let longestMs = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line !== "ok") {
      if (failures.length < keptFailures) failures.push(`${new Date().toISOString()} ${line}`);
      return;
    }
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    answers++;
  });
  return {
    longestGapMs: () => Math.max(longestMs, performance.now() - lastMs),
    answers: () => answers,
    failures: () => failures,
    stop: () => end(child),
  };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
