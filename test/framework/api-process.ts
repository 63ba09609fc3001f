import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@tskube/base";
import { type ClientConfig, httpsTransport, readBody, type Transport } from "@tskube/client";
import { type Authority, makeAuthority, tokenSigningKey } from "../integration/security/certificates.ts";
import { startEtcd } from "../integration/store/etcd-process.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

const main = fileURLToPath(new URL("../../services/apiserver/src/main.ts", import.meta.url));
const startMs = 60_000;
const keptOutputChars = 20_000;

export const adminSubject = "CN=kubernetes-admin, O=system:masters";

/** The apiserver as a process of its own on Debian's etcd, with TLS and client certificates, as an operator would run it. */
export interface ApiProcess {
  readonly server: string;
  /** What is needed to trust it, and to be `subject`, such as `CN=ann, O=devs`. */
  config(subject?: string): Promise<ClientConfig>;
  transport(subject?: string): Promise<Transport>;
  /** The authority of the server and of its clients. */
  readonly authority: { readonly certFile: string; readonly keyFile: string };
  /** The path of a kubeconfig for `subject`. */
  kubeconfig(subject?: string): Promise<string>;
  /** What it printed last. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts both and resolves when the server is ready and its default objects are written. */
export async function startApiProcess(flags: readonly string[] = []): Promise<ApiProcess> {
  const directory = mkdtempSync(join(tmpdir(), "tskube-api-"));
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const etcd = await startEtcd();
  const authority = await makeAuthority("test-ca");
  const port = await freePort();
  const serving = await authority.issue("CN=kube-apiserver");
  const child = launch([
    `--etcd-servers=${etcd.endpoints.join(",")}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${file("server.crt", serving.cert)}`,
    `--tls-private-key-file=${file("server.key", serving.key)}`,
    `--client-ca-file=${file("ca.crt", authority.cert)}`,
    `--service-account-signing-key-file=${file("sa.key", tokenSigningKey())}`,
    ...flags,
  ]);
  const server = `https://127.0.0.1:${port}`;
  const opened: Transport[] = [];
  const config = (subject = adminSubject) => configOf(server, authority, subject);
  const api: ApiProcess = {
    server,
    authority: { certFile: join(directory, "ca.crt"), keyFile: file("ca.key", authority.key) },
    config,
    async transport(subject) {
      const { tls } = await config(subject);
      const transport = httpsTransport({ server, tls, clock: systemClock });
      opened.push(transport);
      return transport;
    },
    async kubeconfig(subject) {
      const { tls } = await config(subject);
      return file(`kubeconfig-${opened.length}-${Math.floor(performance.now())}`, kubeconfigOf(server, tls()));
    },
    output: () => child.output(),
    async stop() {
      for (const transport of opened) transport.close();
      await child.end();
      await etcd.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    const admin = await api.transport();
    await Promise.race([eventually(() => readDefaults(admin), startMs), child.failed]);
  } catch (error) {
    await api.stop();
    throw new Error(`the apiserver did not start: ${child.output()}`, { cause: error });
  }
  return api;
}

/** The last of the default objects is there. */
async function readDefaults(transport: Transport): Promise<void> {
  const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
  const { status, body } = await transport.send({ method: "GET", path, headers: {} });
  await readBody(body, 1024 * 1024);
  if (status !== 200) throw new Error(`status ${status}`);
}

function launch(flags: readonly string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", main, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk).slice(-keptOutputChars);
    });
  }
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    output: () => output,
    /** Rejects when it ends by itself. */
    failed: exited.then(() => Promise.reject(new Error(`it ended with ${child.exitCode}`))),
    async end() {
      if (child.exitCode === null && child.kill("SIGTERM")) await exited;
    },
  };
}

/** The material is one object, as a transport wants it. */
async function configOf(server: string, authority: Authority, subject: string): Promise<ClientConfig> {
  const material = { ca: authority.cert, ...(await authority.issue(subject)) };
  return { server, tls: () => material, namespace: "default" };
}

function kubeconfigOf(server: string, { ca = "", cert = "", key = "" }: ReturnType<ClientConfig["tls"]>): string {
  const base64 = (pem: string | Uint8Array) => Buffer.from(pem).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": base64(ca) } }],
    users: [{ name: "test", user: { "client-certificate-data": base64(cert), "client-key-data": base64(key) } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}
