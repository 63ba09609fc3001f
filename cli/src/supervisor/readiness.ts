import { readFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { type Clock, sleep } from "@tskube/base";
import type { ProgramSpec, Readiness } from "./program.ts";

const pollMs = 25;
const attemptTimeoutMs = 2_000;

/** Polls until the program answers; rejects with the signal's reason when it aborts. */
export async function awaitReady(
  readiness: Readiness,
  caFile: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!(await answers(readiness, caFile))) {
    signal.throwIfAborted();
    await sleep(clock, pollMs, signal);
  }
}

/** Whether something serves there now. */
export function answers(readiness: ProgramSpec["readiness"], caFile: string): Promise<boolean> {
  switch (readiness.kind) {
    case "none":
      return Promise.resolve(true);
    case "socket":
      return connects({ path: readiness.path });
    case "tcp":
      return connects({ host: readiness.host, port: readiness.port });
    case "https":
      return answersHttps(readiness, caFile);
  }
}

function connects(target: { path: string } | { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, timeout: attemptTimeoutMs });
    const end = (isConnected: boolean) => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

function answersHttps(target: Extract<Readiness, { kind: "https" }>, caFile: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: target.host,
        port: target.port,
        path: target.path,
        ca: readFileSync(caFile),
        timeout: attemptTimeoutMs,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.once("error", () => resolve(false));
    call.once("timeout", () => call.destroy());
    call.end();
  });
}
