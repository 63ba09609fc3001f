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

/** The present config map with our facts; CA bundles keep the certificates that other apiservers put there. Undefined if it says all already. */
export function mergeConfigMap(present: ConfigMap, wanted: ConfigMap): ConfigMap | undefined {
  const data = { ...present.data, ...wanted.data };
  for (const key of ["client-ca-file", "requestheader-client-ca-file"]) {
    const bundle = mergeBundles(present.data?.[key] ?? "", wanted.data?.[key] ?? "");
    if (bundle) data[key] = bundle;
  }
  const isSame = Object.keys(data).every((key) => data[key] === present.data?.[key]);
  return isSame ? undefined : { ...present, data };
}

function mergeBundles(a: string, b: string): string {
  if (!b || a.includes(b.trim())) return a;
  const certificates = (text: string) =>
    text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return [...new Set([...certificates(a), ...certificates(b)])].map((pem) => `${pem}\n`).join("");
}
