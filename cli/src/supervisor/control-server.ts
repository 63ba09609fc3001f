import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { errorMessage } from "@tskube/base";
import { type NodeAction, nodeActions, type SupervisorStatus } from "./control.ts";

export interface ControlHandlers {
  status(): SupervisorStatus;
  act(node: string, action: NodeAction): Promise<void>;
  /** Begins to stop the cluster; the socket closes when it has. */
  stop(): void;
}

/** A request that the supervisor refuses; its message goes to the caller. */
export class ControlRefusal extends Error {}

/** Serves the control contract on a unix socket that only its owner may connect to. */
export async function serveControl(socketPath: string, handlers: ControlHandlers): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, handlers).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, error instanceof ControlRefusal ? 400 : 500, { error: errorMessage(error) }),
    );
  });
  rmSync(socketPath, { force: true }); // left by a supervisor that was killed
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socketPath, resolve));
  chmodSync(socketPath, 0o600);
  return server;
}

async function answer(request: IncomingMessage, handlers: ControlHandlers): Promise<unknown> {
  const path = request.url ?? "/";
  if (request.method === "GET" && path === "/status") return handlers.status();
  if (request.method === "POST" && path === "/stop") {
    handlers.stop();
    return {};
  }
  const [, node, action] = /^\/nodes\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const known = nodeActions.find((name) => name === action);
  if (request.method !== "POST" || !node || !known) throw new ControlRefusal(`no such call: ${request.method} ${path}`);
  await handlers.act(decodeURIComponent(node), known);
  return {};
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}
