import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "@tskube/base";
import { type ClientConfig, loadClientConfig, parseKubeconfig } from "@tskube/client";

/** Whether the kubeconfig is there, can be read, and shows a certificate that is still good. */
export function isUsable(kubeconfig: string, clock: Pick<Clock, "now">): boolean {
  let config: ClientConfig;
  try {
    config = loadClientConfig({ path: kubeconfig });
  } catch {
    return false;
  }
  const { cert } = config.tls();
  if (!cert) return false;
  try {
    return Date.parse(new X509Certificate(cert).validTo) > clock.now();
  } catch {
    return false;
  }
}

/** Writes a kubeconfig for the cluster of `bootstrapKubeconfig` whose certificate and key stand in `credentials`. */
export function writeNodeKubeconfig(kubeconfig: string, bootstrapKubeconfig: string, credentials: string): void {
  const {
    clusters,
    contexts,
    currentContext = "",
  } = parseKubeconfig(readFileSync(bootstrapKubeconfig, "utf8"), bootstrapKubeconfig);
  const cluster = clusters[contexts[currentContext]?.cluster ?? ""];
  const document = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "default-cluster", cluster }],
    contexts: [
      { name: "default-context", context: { cluster: "default-cluster", namespace: "default", user: "default-auth" } },
    ],
    "current-context": "default-context",
    users: [{ name: "default-auth", user: { "client-certificate": credentials, "client-key": credentials } }],
  };
  mkdirSync(dirname(kubeconfig), { recursive: true });
  const draft = `${kubeconfig}.draft`;
  writeFileSync(draft, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, kubeconfig);
}
