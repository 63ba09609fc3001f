import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { readBody, type Transport } from "@tskube/client";

/** The one that the command line tool has fetched for its users, or this machine's. */
const found = [
  ...["v1.35", "v1.34", "v1.33"].map((version) => join(homedir(), ".cache", "tskube", version, "kubectl")),
  "/usr/local/bin/kubectl",
  "/usr/bin/kubectl",
].find((path) => existsSync(path));

export const hasKubectl = found !== undefined;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The real kubectl before a server that lives in this process. */
export interface KubectlDoor {
  run(args: readonly string[], input?: string): Promise<Ran>;
  close(): void;
}

const maxBodyBytes = 16 * 1024 * 1024;

/** Opens a plain HTTP port of loopback before `transport` and points kubectl at it. */
export async function openKubectl(transport: Transport): Promise<KubectlDoor> {
  const folder = mkdtempSync(join(tmpdir(), "tskube-crd-kubectl-"));
  const server = createServer((request, response) => {
    forward(transport, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(`http://127.0.0.1:${portOf(server)}`)));
  return {
    run: (args, input) =>
      new Promise((resolve) => {
        const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
        const child = execFile(found ?? "kubectl", args, { env, timeout: 20_000 }, (error, out, err) =>
          resolve({ code: error ? 1 : 0, out, err }),
        );
        child.stdin?.end(input ?? "");
      }),
    close() {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function portOf(server: Pick<Server, "address">): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

function kubeconfigFor(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "default" } }],
    "current-context": "x",
  };
}

async function forward(transport: Transport, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  response.once("close", () => stop.abort());
  const body = await readBody(request, maxBodyBytes);
  const { connection: _connection, host: _host, "content-length": _length, ...headers } = request.headers;
  const answer = await transport.send({
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: headers as Record<string, string>,
    ...(body.byteLength > 0 && { body }),
    signal: stop.signal,
  });
  const kept = Object.entries(answer.headers).filter(([name]) => !["connection", "transfer-encoding"].includes(name));
  response.writeHead(answer.status, Object.fromEntries(kept) as Record<string, string>);
  for await (const part of answer.body) response.write(part);
  response.end();
}
