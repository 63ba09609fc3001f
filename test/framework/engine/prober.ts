import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Engine } from "./engine.ts";

/** Asks a URL again and again from inside the engine's network. */
export interface Prober {
  /** The longest time without a good answer so far, the time since the last one included. */
  longestGapMs(): number;
  answers(): number;
  stop(): Promise<void>;
}

const requestTimeoutMs = 1_000;
const pauseMs = 50;

/** A new connection each time, so that each request may meet another endpoint. Prints a line for every good answer. */
const program = `
const { get } = require("node:http");
function ask() {
  const call = get(process.argv[1], { agent: false, timeout: ${requestTimeoutMs} }, (answer) => {
    answer.resume();
    answer.on("end", () => answer.statusCode === 200 && console.log("ok"));
  });
  call.on("timeout", () => call.destroy());
  call.on("error", () => {});
  call.on("close", () => setTimeout(ask, ${pauseMs}));
}
ask();
`;

export function startProber(engine: Engine, url: string): Prober {
  const [command = "", ...args] = engine.inside([process.execPath, "-e", program, url]);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let answers = 0;
  let lastMs = performance.now();
  let longestMs = 0;
  createInterface({ input: child.stdout }).on("line", () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    answers++;
  });
  return {
    longestGapMs: () => Math.max(longestMs, performance.now() - lastMs),
    answers: () => answers,
    stop: () => end(child),
  };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
