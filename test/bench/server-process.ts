import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../framework/free-port.ts";
import { type Authority, makeAuthority, tokenSigningKey } from "../integration/security/certificates.ts";
import { startEtcd } from "../integration/store/etcd-process.ts";
import { createClient, type Endpoint } from "./client/index.ts";
import type { TargetName } from "./options.ts";

const root = join(import.meta.dirname, "../..");
const readyMs = 30_000;

/** A server in a process of its own, with its own certificates and data. */
export interface ServerProcess {
  readonly pid: number;
  readonly endpoint: Endpoint;
  /** From exec to the first time that it said it was ready. */
  readonly startedInMs: number;
  /** SIGTERM; then everything is removed. */
  stop(): Promise<void>;
}

export async function startServer(target: TargetName, profileDir: string | undefined): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), "tskube-bench-"));
  const authority = await makeAuthority("bench");
  const port = await freePort();
  const endpoint = await writeCertificates(folder, authority, port);
  const etcd = target === "etcd" ? await startEtcd() : undefined;
  const profile = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const program = target === "floor" ? floorArgs(folder, port) : apiserverArgs(folder, port, etcd?.endpoints);
  const begin = performance.now();
  const child = spawn(process.execPath, [...profile, ...program], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  await untilReady(child, endpoint);
  return {
    pid: child.pid as number,
    endpoint,
    startedInMs: performance.now() - begin,
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await etcd?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function writeCertificates(folder: string, authority: Authority, port: number): Promise<Endpoint> {
  const server = await authority.issue("CN=kube-apiserver");
  const client = await authority.issue("O=system:masters,CN=bench");
  const files = { "ca.crt": authority.cert, "server.crt": server.cert, "server.key": server.key };
  for (const [name, text] of Object.entries({ ...files, "sa.key": tokenSigningKey() })) {
    writeFileSync(join(folder, name), text);
  }
  return { port, ca: authority.cert, ...client };
}

function apiserverArgs(folder: string, port: number, etcd: readonly string[] | undefined): string[] {
  const at = (name: string) => join(folder, name);
  return [
    join(root, "dist/apiserver.cjs"),
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    etcd ? `--etcd-servers=${etcd.join(",")}` : `--store-dir=${at("store")}`,
    `--client-ca-file=${at("ca.crt")}`,
    `--tls-cert-file=${at("server.crt")}`,
    `--tls-private-key-file=${at("server.key")}`,
    `--service-account-signing-key-file=${at("sa.key")}`,
  ];
}

function floorArgs(folder: string, port: number): string[] {
  return [join(import.meta.dirname, "floor/server.mjs"), folder, String(port)];
}

async function untilReady(child: ChildProcess, endpoint: Endpoint): Promise<void> {
  const client = createClient(endpoint, 1, 1);
  const giveUpAt = performance.now() + readyMs;
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      if (performance.now() > giveUpAt) throw new Error("the server does not become ready");
      const answer = await client.send({ method: "GET", path: "/readyz" }).catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    client.close();
  }
}
