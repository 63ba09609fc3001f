import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { options, run } from "@tskube/apiserver";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { parseConfig } from "@tskube/component";
import { parse } from "yaml";
import { freePort } from "../../framework/free-port.ts";
import { eventually } from "../apiserver/eventually.ts";
import { type KeyPairPem, makeAuthority, tokenSigningKey } from "../security/certificates.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Requests of one user over HTTP/1.1. */
export interface UserRequests {
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** Sends the head of a request and a first piece of its body; `finish` sends the rest. */
  begin(
    method: string,
    path: string,
  ): { readonly answer: Promise<HttpAnswer>; finish(body: unknown): Promise<HttpAnswer>; cut(): void };
  /** Watch events as they come, until the server or `signal` ends them. */
  watch(path: string, signal: AbortSignal): AsyncGenerator<{ readonly type: string; readonly object: object }>;
}

/** One running server of a cluster; its own requests are the administrator's. */
export interface RunningServer extends UserRequests {
  readonly port: number;
  /** Requests of who has a certificate for `subject`. */
  as(subject: string): Promise<UserRequests>;
  /** As SIGTERM does; resolves when all is closed. */
  stop(): Promise<void>;
}

/** What servers of one cluster have in common: certificates and keys. */
export interface ServerKit {
  readonly directory: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Runs the cluster's server, always on the same port, with flags that say where its objects are; waits until it is ready. */
  start(...flags: readonly string[]): Promise<RunningServer>;
  remove(): void;
}

export async function makeServerKit(): Promise<ServerKit> {
  const directory = mkdtempSync(join(tmpdir(), "tskube-lifecycle-"));
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const authority = await makeAuthority("lifecycle-ca");
  const serving = await authority.issue("CN=kube-apiserver");
  const admin = await authority.issue("CN=admin, O=system:masters");
  const port = await freePort();
  const common = [
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--client-ca-file=${file("ca.crt", authority.cert)}`,
    `--tls-cert-file=${file("server.crt", serving.cert)}`,
    `--tls-private-key-file=${file("server.key", serving.key)}`,
    `--service-account-signing-key-file=${file("sa.key", tokenSigningKey())}`,
  ];
  const tls = { ca: authority.cert, cert: admin.cert, key: admin.key };
  return {
    directory,
    tls,
    async start(...flags) {
      const stopping = new AbortController();
      const program = { name: "apiserver", description: "", version: "", options };
      const args = [...common, ...flags];
      const parsed = parseConfig(program, { args, env: {}, readFile: () => "", parseYaml: parse });
      if (parsed.kind !== "run") throw new Error("the flags should run a server");
      const deps = { clock: systemClock, logger: silentLogger, metrics: createMetrics({ processFigures: false }) };
      const running = run(parsed.values, deps, stopping.signal);
      const agents: Agent[] = [];
      const requestsWith = (material: KeyPairPem) => {
        const agent = new Agent({ ca: authority.cert, ...material, keepAlive: true });
        agents.push(agent);
        return requestsOver(port, agent);
      };
      const server = requestsWith(admin);
      const isReady = async () => {
        const { status, text } = await server.send("GET", "/readyz");
        if (status !== 200) throw new Error(text);
      };
      // A server that cannot run must not be taken for one that answers on its port.
      await Promise.race([running.then(() => Promise.reject(new Error("the server ended"))), eventually(isReady)]);
      return {
        ...server,
        port,
        as: async (subject) => requestsWith(await authority.issue(subject)),
        async stop() {
          stopping.abort();
          await running;
          for (const agent of agents) agent.destroy();
        },
      };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function requestsOver(port: number, agent: Agent): UserRequests {
  const open = (more: RequestOptions, respond: (answer: IncomingMessage) => void, fail: (error: Error) => void) => {
    const headers = { ...(more.method !== "GET" && { "content-type": "application/json" }), ...more.headers };
    return request({ host: "127.0.0.1", port, agent, ...more, headers }, respond).on("error", fail);
  };
  return {
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const sent = open({ method, path, headers }, (answer) => void readAnswer(answer).then(resolve, reject), reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
      }),
    begin(method, path) {
      let sent: ClientRequest | undefined;
      const answer = new Promise<HttpAnswer>((resolve, reject) => {
        sent = open({ method, path }, (message) => void readAnswer(message).then(resolve, reject), reject);
        sent.write(" ");
      });
      answer.catch(() => {}); // it may be cut before anybody looks
      return {
        answer,
        finish(body) {
          sent?.end(JSON.stringify(body));
          return answer;
        },
        cut: () => sent?.destroy(),
      };
    },
    async *watch(path, signal) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        open({ method: "GET", path, signal }, resolve, reject).end();
      });
      let rest = "";
      for await (const chunk of answer.setEncoding("utf8")) {
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) yield JSON.parse(line) as { type: string; object: object };
      }
    },
  };
}

async function readAnswer(answer: IncomingMessage): Promise<HttpAnswer> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk;
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}
