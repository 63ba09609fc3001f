import { request } from "node:http";
import { systemErrorCode } from "@tskube/base";
import type { NodeAction, SupervisorStatus } from "./control.ts";

export interface ControlClient {
  /** The status, or undefined if no supervisor listens. */
  status(): Promise<SupervisorStatus | undefined>;
  act(node: string, action: NodeAction): Promise<void>;
  stop(): Promise<void>;
}

/** Killing a node waits for its processes to be gone. */
const timeoutMs = 60_000;

export function createControlClient(socketPath: string): ControlClient {
  return {
    async status() {
      try {
        return (await call(socketPath, "GET", "/status")) as SupervisorStatus;
      } catch (error) {
        if (isNobodyThere(error)) return undefined;
        throw error;
      }
    },
    async act(node, action) {
      await call(socketPath, "POST", `/nodes/${encodeURIComponent(node)}/${action}`);
    },
    async stop() {
      await call(socketPath, "POST", "/stop");
    },
  };
}

function isNobodyThere(error: unknown): boolean {
  return ["ENOENT", "ECONNREFUSED", "ECONNRESET"].includes(systemErrorCode(error) ?? "");
}

function call(socketPath: string, method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, timeout: timeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        const body: unknown = JSON.parse(text);
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(refusalOf(body)));
      });
      response.on("error", reject);
    });
    outgoing.once("timeout", () =>
      outgoing.destroy(new Error(`the supervisor did not answer ${method} ${path} within ${timeoutMs / 1000} s`)),
    );
    outgoing.once("error", reject);
    outgoing.end();
  });
}

function refusalOf(body: unknown): string {
  return typeof body === "object" && body !== null && "error" in body
    ? String(body.error)
    : "the supervisor refused without a reason";
}
