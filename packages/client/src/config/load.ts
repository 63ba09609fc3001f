import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientConfig } from "./client-config.ts";
import { mergeKubeconfigs, parseKubeconfig } from "./kubeconfig.ts";
import { resolveKubeconfig } from "./resolve.ts";
import { rotatingFile } from "./rotating-file.ts";

export interface LoadOptions {
  /** One file, as `--kubeconfig` names it: then nothing else is looked at. */
  readonly path?: string | undefined;
  readonly context?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Monotonic milliseconds, to pace the looks at files. */
  readonly now?: () => number;
}

const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Finds the configuration as client-go does: the given path, else the files of `KUBECONFIG`, else `~/.kube/config`, else the
 * service account of the pod this runs in. Throws one sentence saying what is missing.
 */
export function loadClientConfig(options: LoadOptions = {}): ClientConfig {
  const { env = process.env, now = () => performance.now() } = options;
  const paths = options.path ? [options.path] : defaultPaths(env);
  const texts = paths.flatMap((path) => readIfAllowed(path, options.path !== undefined));
  if (texts.length > 0) {
    const merged = mergeKubeconfigs(texts.map(({ path, text }) => parseKubeconfig(text, path)));
    return resolveKubeconfig(merged, options.context, now);
  }
  const inCluster = inClusterConfig(env, now);
  if (inCluster) return inCluster;
  throw new Error(`no kubeconfig found: looked at ${paths.join(", ")} and for a service account`);
}

/** The configuration of a pod with a mounted service account, or nothing outside of one. */
export function inClusterConfig(
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
  dir = serviceAccountDir,
): ClientConfig | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || !existsSync(join(dir, "token"))) return undefined;
  const token = rotatingFile(join(dir, "token"), "the service account's token", now);
  const tls = { ca: readFileSync(join(dir, "ca.crt"), "utf8") };
  const namespacePath = join(dir, "namespace");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: () => tls,
    authorization: () => `Bearer ${token().trim()}`,
    namespace: existsSync(namespacePath) ? readFileSync(namespacePath, "utf8").trim() : "default",
  };
}

function defaultPaths(env: Readonly<Record<string, string | undefined>>): string[] {
  const listed = (env.KUBECONFIG ?? "").split(":").filter((path) => path !== "");
  return listed.length > 0 ? listed : [join(env.HOME ?? "/root", ".kube", "config")];
}

/** Files of a default list may be absent; one that was asked for may not. */
function readIfAllowed(path: string, isRequired: boolean): Array<{ readonly path: string; readonly text: string }> {
  if (!isRequired && !existsSync(path)) return [];
  try {
    return [{ path, text: readFileSync(path, "utf8") }];
  } catch (error) {
    throw new Error(`cannot read kubeconfig ${path}`, { cause: error });
  }
}
