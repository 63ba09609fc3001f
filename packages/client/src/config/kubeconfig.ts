import { dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";

/** The parts of a kubeconfig this client uses, with file paths made absolute. */
export interface Kubeconfig {
  readonly currentContext?: string;
  readonly clusters: Readonly<Record<string, KubeconfigCluster>>;
  readonly users: Readonly<Record<string, KubeconfigUser>>;
  readonly contexts: Readonly<Record<string, KubeconfigContext>>;
}

export interface KubeconfigCluster {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
}

export interface KubeconfigUser {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: unknown;
  readonly "auth-provider"?: unknown;
}

export interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

const pathFields = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/** Parses one file's text; relative paths in it are relative to `path`. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const document = parseYaml(text, path);
  const base = dirname(path);
  const currentContext = document["current-context"];
  return {
    ...(typeof currentContext === "string" && currentContext !== "" && { currentContext }),
    clusters: namedEntries<KubeconfigCluster>(document, "clusters", "cluster", base),
    users: namedEntries<KubeconfigUser>(document, "users", "user", base),
    contexts: namedEntries<KubeconfigContext>(document, "contexts", "context", base),
  };
}

/** Several files as one: the first that names a context, cluster or user decides, as kubectl does. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const reversed = [...configs].reverse();
  const currentContext = configs.find((config) => config.currentContext)?.currentContext;
  return {
    ...(currentContext !== undefined && { currentContext }),
    clusters: Object.assign({}, ...reversed.map((config) => config.clusters)),
    users: Object.assign({}, ...reversed.map((config) => config.users)),
    contexts: Object.assign({}, ...reversed.map((config) => config.contexts)),
  };
}

function parseYaml(text: string, path: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new Error(`kubeconfig ${path} is not valid YAML`, { cause: error });
  }
  if (document === null || document === undefined) return {};
  if (typeof document !== "object" || Array.isArray(document))
    throw new Error(`kubeconfig ${path} is not a kubeconfig`);
  return document as Record<string, unknown>;
}

function namedEntries<T>(
  document: Record<string, unknown>,
  list: string,
  field: string,
  base: string,
): Record<string, T> {
  const entries: Record<string, T> = {};
  const items = document[list];
  for (const item of Array.isArray(items) ? items : []) {
    const { name, [field]: value } = (item ?? {}) as Record<string, unknown>;
    if (typeof name === "string" && !(name in entries))
      entries[name] = withAbsolutePaths((value ?? {}) as object, base) as T;
  }
  return entries;
}

function withAbsolutePaths(entry: object, base: string): object {
  const result: Record<string, unknown> = { ...entry };
  for (const name of pathFields) {
    const path = result[name];
    if (typeof path === "string" && path !== "" && !isAbsolute(path)) result[name] = join(base, path);
  }
  return result;
}
