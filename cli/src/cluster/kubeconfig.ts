import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readPair, writeWhole } from "../certificates/cluster-certificates.ts";
import { UserError } from "../command.ts";
import { type ClusterConfig, controlPlaneOf } from "./cluster-config.ts";
import type { ClusterPaths } from "./paths.ts";

interface NamedEntry {
  readonly name: string;
}

/** The part of a kubeconfig (v1 Config) that merging touches; all else in a user's file is kept. */
export interface Kubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly clusters: readonly (NamedEntry & { readonly cluster: Readonly<Record<string, unknown>> })[];
  readonly users: readonly (NamedEntry & { readonly user: Readonly<Record<string, unknown>> })[];
  readonly contexts: readonly (NamedEntry & {
    readonly context: { readonly cluster: string; readonly user: string };
  })[];
  readonly "current-context": string;
}

export function apiserverUrl(config: ClusterConfig): string {
  return `https://${controlPlaneOf(config).address}:${config.apiserverPort}`;
}

/** A kubeconfig with everything in it, for people: it can be copied to another machine. */
export function embeddedKubeconfig(
  config: ClusterConfig,
  paths: ClusterPaths,
  server = apiserverUrl(config),
): Kubeconfig {
  const pair = readPair(paths.pki, "admin");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return kubeconfig(
    config.name,
    { server, "certificate-authority-data": base64(readFileSync(join(paths.pki, "ca.crt"), "utf8")) },
    { "client-certificate-data": base64(pair.certificate), "client-key-data": base64(pair.key) },
  );
}

/** A kubeconfig that points at certificate files, for a component: renewed files are picked up. */
export function componentKubeconfig(name: string, server: string, pkiFolder: string, certificate: string): Kubeconfig {
  return kubeconfig(
    name,
    { server, "certificate-authority": join(pkiFolder, "ca.crt") },
    {
      "client-certificate": join(pkiFolder, `${certificate}.crt`),
      "client-key": join(pkiFolder, `${certificate}.key`),
    },
  );
}

function kubeconfig(
  name: string,
  cluster: Readonly<Record<string, unknown>>,
  user: Readonly<Record<string, unknown>>,
): Kubeconfig {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
}

/** `existing` with the entries of `added` put in or replaced by name, and its context made the current one. */
export function mergeKubeconfig(existing: Partial<Kubeconfig>, added: Kubeconfig): Kubeconfig {
  return {
    ...existing,
    apiVersion: "v1",
    kind: "Config",
    clusters: mergeByName(existing.clusters, added.clusters),
    users: mergeByName(existing.users, added.users),
    contexts: mergeByName(existing.contexts, added.contexts),
    "current-context": added["current-context"],
  };
}

/** `existing` without a cluster's entries; another context stays current, or none is. */
export function withoutCluster(existing: Partial<Kubeconfig>, name: string): Kubeconfig {
  const others = <T extends NamedEntry>(entries: readonly T[] | undefined): T[] =>
    (entries ?? []).filter((entry) => entry.name !== name);
  return {
    ...existing,
    apiVersion: "v1",
    kind: "Config",
    clusters: others(existing.clusters),
    users: others(existing.users),
    contexts: others(existing.contexts),
    "current-context": existing["current-context"] === name ? "" : (existing["current-context"] ?? ""),
  };
}

function mergeByName<T extends NamedEntry>(existing: readonly T[] | undefined, added: readonly T[]): T[] {
  const names = new Set(added.map(({ name }) => name));
  return [...(existing ?? []).filter(({ name }) => !names.has(name)), ...added];
}

/** Reads a user's kubeconfig; an absent or empty file is an empty one. Throws a sentence for one that cannot be read. */
export function readKubeconfig(path: string): Partial<Kubeconfig> {
  if (!existsSync(path)) return {};
  let value: unknown;
  try {
    value = parse(readFileSync(path, "utf8"));
  } catch {
    throw new UserError(`${path} is not valid YAML; mend or move it, or choose another file with --kubeconfig`);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new UserError(`${path} is not a kubeconfig; mend or move it, or choose another file with --kubeconfig`);
  }
  return value;
}

/** Writes a kubeconfig whole, readable by its owner only. */
export function writeKubeconfig(path: string, content: Kubeconfig): void {
  writeWhole(path, stringify(content, { lineWidth: 0 }), 0o600);
}
