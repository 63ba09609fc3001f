import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@tskube/client";
import { makeAuthority, tokenSigningKey } from "../security/certificates.ts";
import { eventually } from "./eventually.ts";

const main = fileURLToPath(new URL("../../../services/apiserver/src/main.ts", import.meta.url));
const securePort = 26_443;
const startMs = 40_000;

/** Apiservers as processes of their own, on loopback addresses of their own, over one etcd. */
export interface Cluster {
  /** Starts one, or starts it again, and waits until it is ready. */
  start(address: string, flags?: readonly string[]): Promise<{ readonly client: Client }>;
  /** SIGKILL. */
  kill(address: string): Promise<void>;
  /** Ends all with SIGTERM and removes their files. */
  stop(): Promise<void>;
}

export async function startCluster(etcdServers: readonly string[]): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), "tskube-servers-"));
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const authority = await makeAuthority("test-ca");
  const admin = await authority.issue("CN=admin, O=system:masters");
  // The certificates name 127.0.0.1, but servers of one cluster need an address each.
  const material = { insecure: true, cert: admin.cert, key: admin.key };
  const ca = file("ca.crt", authority.cert);
  const signingKey = file("sa.key", tokenSigningKey());
  const running = new Map<string, ChildProcess>();
  const clients: Client[] = [];

  async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  return {
    async start(address, flags = []) {
      const { cert, key } = await authority.issue("CN=kube-apiserver");
      const child = spawn(
        process.execPath,
        [
          "--import",
          "tsx",
          main,
          `--etcd-servers=${etcdServers.join(",")}`,
          `--bind-address=${address}`,
          `--advertise-address=${address}`,
          `--secure-port=${securePort}`,
          `--tls-cert-file=${file(`${address}.crt`, cert)}`,
          `--tls-private-key-file=${file(`${address}.key`, key)}`,
          `--client-ca-file=${ca}`,
          `--service-account-signing-key-file=${signingKey}`,
          ...flags,
        ],
        { stdio: "ignore" },
      );
      running.set(address, child);
      const client = createClient(
        {
          server: `https://${address}:${securePort}`,
          tls: () => material,
          namespace: "default",
        },
        { userAgent: "test", qps: -1 },
      );
      clients.push(client);
      const isReady = () => client.configmaps("kube-system").get("extension-apiserver-authentication");
      await eventually(isReady, startMs);
      return { client };
    },
    async kill(address) {
      const child = running.get(address);
      if (child) await end(child, "SIGKILL");
    },
    async stop() {
      for (const client of clients) client.close();
      await Promise.all([...running.values()].map((child) => end(child, "SIGTERM")));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
