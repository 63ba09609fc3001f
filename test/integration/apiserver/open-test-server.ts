import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiServer, type ApiServerOptions, openApiServer } from "@tskube/apiserver";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { readBody, type Transport } from "@tskube/client";
import { openEmbeddedStore, type Store } from "@tskube/store";

export const admin = { name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };

const maxAnswerBytes = 64 * 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Buffer;
  readonly json: Json;
}

/** Whatever an answer holds, to be looked into with `at`. */
export type Json = object;

/** What stands at a path of an answer; undefined when the way there ends early. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], json);
}

/** Sends one request, whose body is JSON unless it is text or bytes, and reads the whole answer. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export interface TestServer {
  readonly server: ApiServer;
  readonly transport: Transport;
  readonly send: Send;
  close(): Promise<void>;
}

/** A whole apiserver on an embedded store in a temporary directory, reached in memory; `default` has its service account. */
export async function openTestServer(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), "tskube-apiserver-"));
  const store = await openEmbeddedStore({ directory, isDurable: false });
  const api = await openServerOver(store);
  return {
    ...api,
    async close() {
      await api.close();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A whole apiserver over a store of the caller's, reached in memory; `more` replaces options. */
export async function openServerOver(store: Store, more: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = "https://kubernetes.default.svc";
  const server = await openApiServer(
    {
      advertised: "127.0.0.1:6443",
      authenticator: { apiAudiences: [issuer] },
      authorizationModes: ["RBAC"],
      admission: {},
      tokens: { issuers: [issuer], signingKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() },
      services: { clusterIpRange: "10.96.0.0/16", nodePorts: { first: 30_000, last: 30_009 } },
      kubelet: { preferredAddressTypes: ["InternalIP"], tls: {} },
      inFlight: { readOnly: 400, mutating: 200 },
      requestTimeoutMs: 10_000,
      eventTtlMs: 3_600_000,
      ...more,
    },
    { store, clock: systemClock, logger: silentLogger, metrics: createMetrics({ processFigures: false }) },
  );
  const transport = server.transport(admin);
  const send = senderOver(transport);
  await send("POST", "/api/v1/namespaces", { metadata: { name: "default" } });
  await send("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  return {
    server,
    transport,
    send,
    close: () => server.close(),
  };
}

export function senderOver(transport: Transport): Send {
  return async (method, path, body, headers = {}) => {
    const isText = typeof body === "string" || body instanceof Uint8Array;
    const answer = await transport.send({
      method,
      path,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const bytes = await readBody(answer.body, maxAnswerBytes);
    const isJson = answer.headers["content-type"]?.includes("json") && bytes.byteLength > 0;
    const json = (isJson && !path.includes("watch=") ? JSON.parse(bytes.toString("utf8")) : undefined) as Json;
    return { status: answer.status, headers: answer.headers, bytes, json };
  };
}

/** Reads a watch's events as they come. */
export async function* watchEvents(
  transport: Transport,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly type: string; readonly object: Json }> {
  const answer = await transport.send({ method: "GET", path, headers: {}, signal });
  let rest = "";
  try {
    for await (const chunk of answer.body) {
      rest += Buffer.from(chunk).toString("utf8");
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as { type: string; object: Json };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export function podOf(name: string, more: Readonly<Record<string, unknown>> = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "nginx" }], ...more },
  };
}
