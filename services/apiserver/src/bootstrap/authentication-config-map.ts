import { X509Certificate } from "node:crypto";
import type { ConfigMap } from "@tskube/api";
import { type RequestHeaderOptions, requestHeaderDefaults } from "../auth/authentication/request-header.ts";

export interface AuthenticationFacts {
  /** PEM of the CAs that sign client certificates. */
  readonly clientCa?: string;
  readonly requestHeader?: RequestHeaderOptions;
}

/** Where extension API servers learn whom to trust: the front proxy's CA and headers, and the cluster's client CA. */
export function authenticationConfigMap(facts: AuthenticationFacts): ConfigMap {
  const list = (values: readonly string[]) => JSON.stringify(values);
  const data: Record<string, string> = {};
  if (facts.clientCa) data["client-ca-file"] = facts.clientCa;
  if (facts.requestHeader) {
    const { clientCa, allowedNames = [], ...headers } = facts.requestHeader;
    const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = { ...requestHeaderDefaults, ...headers };
    data["requestheader-client-ca-file"] = clientCa;
    data["requestheader-allowed-names"] = list(allowedNames);
    data["requestheader-username-headers"] = list(usernameHeaders);
    data["requestheader-group-headers"] = list(groupHeaders);
    data["requestheader-extra-headers-prefix"] = list(extraHeaderPrefixes);
    if (uidHeaders.length > 0) data["requestheader-uid-headers"] = list(uidHeaders);
  }
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" },
    data,
  };
}

const bundleKeys = ["client-ca-file", "requestheader-client-ca-file"];
const listKeys = [
  "requestheader-allowed-names",
  "requestheader-username-headers",
  "requestheader-uid-headers",
  "requestheader-group-headers",
  "requestheader-extra-headers-prefix",
];

/**
 * The present config map with our facts; undefined if it says all already. What other apiservers put there stays, so that none undoes another's work,
 * but for certificates that have ended.
 */
export function mergeConfigMap(present: ConfigMap, wanted: ConfigMap, nowMs: number): ConfigMap | undefined {
  const data = { ...present.data, ...wanted.data };
  const joinAt = (keys: readonly string[], join: (theirs: string, ours: string) => string) => {
    for (const key of keys) if (key in data) data[key] = join(present.data?.[key] ?? "", wanted.data?.[key] ?? "");
  };
  joinAt(bundleKeys, (theirs, ours) => joinBundles(theirs, ours, nowMs));
  joinAt(listKeys, joinLists);
  const isSame = Object.keys(data).every((key) => data[key] === present.data?.[key]);
  return isSame ? undefined : { ...present, data };
}

function joinBundles(theirs: string, ours: string, nowMs: number): string {
  const [there, own] = [certificatesOf(theirs), certificatesOf(ours)];
  const kept = there.filter((pem) => own.includes(pem) || isGood(pem, nowMs));
  const joined = [...new Set([...kept, ...own])];
  // Files may hold more than certificates: that alone is no reason to write.
  return joined.join() === there.join() ? theirs : joined.map((pem) => `${pem}\n`).join("");
}

function certificatesOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

function isGood(pem: string, nowMs: number): boolean {
  try {
    return Date.parse(new X509Certificate(pem).validTo) > nowMs;
  } catch {
    return false;
  }
}

function joinLists(theirs: string, ours: string): string {
  const known = parseList(theirs);
  const more = parseList(ours)?.filter((one) => !known?.includes(one)) ?? [];
  if (!known) return ours;
  return more.length === 0 ? theirs : JSON.stringify([...known, ...more]);
}

/** Undefined for what is no list of texts, and so nobody's. */
function parseList(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
