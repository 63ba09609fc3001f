import type { TlsMaterial } from "../transport/https.ts";
import type { ClientConfig } from "./client-config.ts";
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from "./kubeconfig.ts";
import { rotatingFile } from "./rotating-file.ts";

/** What the client needs of a kubeconfig's context (the current one when absent). Throws when something named is not there. */
export function resolveKubeconfig(config: Kubeconfig, context: string | undefined, now: () => number): ClientConfig {
  const contextName = context ?? config.currentContext ?? onlyKey(config.contexts);
  if (contextName === undefined) throw new Error("kubeconfig has no current context");
  const chosen = config.contexts[contextName];
  if (!chosen) throw new Error(`kubeconfig has no context ${JSON.stringify(contextName)}`);
  const cluster = config.clusters[chosen.cluster ?? ""];
  if (!cluster) throw new Error(`kubeconfig has no cluster ${JSON.stringify(chosen.cluster)}`);
  const user = chosen.user ? config.users[chosen.user] : {};
  if (!user) throw new Error(`kubeconfig has no user ${JSON.stringify(chosen.user)}`);
  if (user.exec || user["auth-provider"]) {
    throw new Error(
      `user ${JSON.stringify(chosen.user)} of the kubeconfig needs a credential plugin, which this client does not run`,
    );
  }
  const authorization = authorizationOf(user, now);
  return {
    server: cluster.server || "http://localhost:8080",
    tls: tlsOf(cluster, user, now),
    ...(authorization && { authorization }),
    namespace: chosen.namespace || "default",
  };
}

function onlyKey(record: Readonly<Record<string, unknown>>): string | undefined {
  const keys = Object.keys(record);
  return keys.length === 1 ? keys[0] : undefined;
}

/** Gives the same object until one of the files changed, which is how the transport knows when to open new connections. */
function tlsOf(cluster: KubeconfigCluster, user: KubeconfigUser, now: () => number): () => TlsMaterial {
  const ca = material(
    cluster["certificate-authority-data"],
    cluster["certificate-authority"],
    "the cluster's CA certificate",
    now,
  );
  const cert = material(user["client-certificate-data"], user["client-certificate"], "the client certificate", now);
  const key = material(user["client-key-data"], user["client-key"], "the client key", now);
  const fixed = {
    ...(cluster["tls-server-name"] && { servername: cluster["tls-server-name"] }),
    ...(cluster["insecure-skip-tls-verify"] && { insecure: true }),
  };
  let current: TlsMaterial = {
    ...present("ca", ca?.()),
    ...present("cert", cert?.()),
    ...present("key", key?.()),
    ...fixed,
  };
  return () => {
    const now = { ca: ca?.(), cert: cert?.(), key: key?.() };
    if (now.ca !== current.ca || now.cert !== current.cert || now.key !== current.key) {
      current = { ...present("ca", now.ca), ...present("cert", now.cert), ...present("key", now.key), ...fixed };
    }
    return current;
  };
}

function present<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: string };
}

/** Embedded data wins over a path, as kubectl does. */
function material(
  data: string | undefined,
  path: string | undefined,
  what: string,
  now: () => number,
): (() => string) | undefined {
  if (data) {
    const decoded = Buffer.from(data, "base64").toString("utf8");
    return () => decoded;
  }
  return path ? rotatingFile(path, what, now) : undefined;
}

function authorizationOf(user: KubeconfigUser, now: () => number): (() => string) | undefined {
  if (user.tokenFile) {
    const token = rotatingFile(user.tokenFile, "the token file", now);
    return () => `Bearer ${token().trim()}`;
  }
  if (user.token) return () => `Bearer ${user.token}`;
  if (user.username === undefined) return undefined;
  const basic = Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64");
  return () => `Basic ${basic}`;
}
