import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@tskube/client";
import { freePort } from "../../framework/free-port.ts";
import { type Authority, makeAuthority, tokenSigningKey } from "./certificates.ts";

const main = fileURLToPath(new URL("../../../services/apiserver/src/main.ts", import.meta.url));
const startMs = 30_000;

/** One apiserver as a process of its own, with TLS and a store on disk. */
export class TestCluster {
  readonly #directory = mkdtempSync(join(tmpdir(), "tskube-security-"));
  readonly #clients: Client[] = [];
  #authority!: Authority;
  #port = 0;
  #process: ChildProcess | undefined;
  #output = "";

  static async start(): Promise<TestCluster> {
    const cluster = new TestCluster();
    await cluster.#start();
    return cluster;
  }

  /** A client with a certificate for `subject`, such as `CN=ann, O=devs`. */
  async as(subject: string): Promise<Client> {
    const { cert, key } = await this.#authority.issue(subject);
    return this.#client({ ca: this.#authority.cert, cert, key });
  }

  /** A client with a bearer token. */
  withToken(token: string): Client {
    return this.#client({ ca: this.#authority.cert }, token);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    const stopped = new Promise((resolve) => this.#process?.once("exit", resolve));
    if (this.#process?.exitCode === null && this.#process.kill("SIGTERM")) await stopped;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #client(tls: { ca: string; cert?: string; key?: string }, token?: string): Client {
    const config = {
      server: `https://127.0.0.1:${this.#port}`,
      tls: () => tls,
      namespace: "default",
      ...(token && { authorization: () => `Bearer ${token}` }),
    };
    const client = createClient(config, { userAgent: "test", qps: -1 });
    this.#clients.push(client);
    return client;
  }

  async #start(): Promise<void> {
    this.#authority = await makeAuthority("test-ca");
    this.#port = await freePort();
    const serving = await this.#authority.issue("CN=kube-apiserver");
    const file = (name: string, content: string) => {
      const path = join(this.#directory, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    const flags = {
      "store-dir": join(this.#directory, "store"),
      "bind-address": "127.0.0.1",
      "secure-port": String(this.#port),
      "tls-cert-file": file("server.crt", serving.cert),
      "tls-private-key-file": file("server.key", serving.key),
      "client-ca-file": file("ca.crt", this.#authority.cert),
      "service-account-signing-key-file": file("sa.key", tokenSigningKey()),
    };
    const parameters = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    this.#process = spawn(process.execPath, ["--import", "tsx", main, ...parameters], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
      });
    }
    await this.#waitForPolicy();
  }

  /** Ready is: the last of the default objects is there. */
  async #waitForPolicy(): Promise<void> {
    const admin = await this.as("CN=admin, O=system:masters");
    const deadline = Date.now() + startMs;
    for (;;) {
      if (this.#process?.exitCode !== null || Date.now() > deadline) {
        throw new Error(`apiserver did not start:\n${this.#output}`);
      }
      try {
        await admin.configmaps("kube-system").get("extension-apiserver-authentication");
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}
