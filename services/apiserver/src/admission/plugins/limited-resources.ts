import type { ResourceQuota } from "@tskube/api";
import { isInScope, usageOf, type Write } from "@tskube/quota";
import { listOf, objectOf, type ShapeOf, text } from "../../configuration/shape.ts";
import { type AdmissionConfiguration, pluginConfiguration } from "../configuration/admission-configuration.ts";

const scope = objectOf({ scopeName: text, operator: text, values: listOf(text) });
const limited = objectOf({ apiGroup: text, resource: text, matchContains: listOf(text), matchScopes: listOf(scope) });

const kind = {
  apiVersions: [
    "apiserver.config.k8s.io/v1",
    "resourcequota.admission.k8s.io/v1beta1",
    "resourcequota.admission.k8s.io/v1alpha1",
  ],
  kind: "ResourceQuotaConfiguration",
  fields: { limitedResources: listOf(limited) },
};

/** What may be taken only where a quota covers it. */
export type LimitedResource = ShapeOf<typeof limited>;

export function limitedResources(configuration: AdmissionConfiguration): readonly LimitedResource[] {
  const raw = configuration.raw("ResourceQuota") as { readonly kind?: string } | undefined;
  const named = raw?.kind === "Configuration" ? { ...kind, kind: "Configuration" } : kind;
  return pluginConfiguration(configuration, "ResourceQuota", named)?.limitedResources ?? [];
}

/** Why a write takes what no quota of its namespace covers; undefined when it does not. */
export function uncovered(
  write: Write,
  quotas: readonly ResourceQuota[],
  limits: readonly LimitedResource[],
  nowMs: number,
): string | undefined {
  const { group, resource } = write.resource;
  const own = limits.filter((limit) => limit.apiGroup === group && limit.resource === resource);
  if (own.length === 0) return undefined;
  const inScope = quotas.filter((quota) => isInScope(quota, write.resource, write.object));
  return uncoveredScopes(write, inScope, own) ?? uncoveredNames(write, inScope, own, nowMs);
}

function uncoveredNames(
  write: Write,
  quotas: readonly ResourceQuota[],
  limits: readonly LimitedResource[],
  nowMs: number,
) {
  const parts = limits.flatMap((limit) => limit.matchContains);
  const taken = Object.keys(usageOf(write.resource, write.object, nowMs));
  const names = taken.filter((name) => parts.some((part) => name.includes(part)));
  const missing = names.filter((name) => !quotas.some(({ spec }) => spec?.hard?.[name] !== undefined)).sort();
  return missing.length === 0 ? undefined : `insufficient quota to consume: ${missing.join(",")}`;
}

function uncoveredScopes(write: Write, quotas: readonly ResourceQuota[], limits: readonly LimitedResource[]) {
  const scopes = limits.flatMap((limit) => limit.matchScopes).filter((one) => isMatched(one, write));
  const missing = scopes.filter((one) => !quotas.some((quota) => covers(quota, one)));
  const shown = missing.map(({ scopeName, operator, values }) => `{${scopeName} ${operator} [${values.join(" ")}]}`);
  return shown.length === 0 ? undefined : `insufficient quota to match these scopes: [${shown.join(" ")}]`;
}

type Scope = LimitedResource["matchScopes"][number];

function isMatched(one: Scope, { resource, object }: Write): boolean {
  const spec = { scopeSelector: { matchExpressions: [{ ...one, values: [...one.values] }] } };
  const quota: ResourceQuota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "" }, spec };
  return isInScope(quota, resource, object);
}

/** A quota that is about the scope at all; that it is about the object was looked at before. */
function covers({ spec }: ResourceQuota, { scopeName }: Scope): boolean {
  const selected = spec?.scopeSelector?.matchExpressions ?? [];
  return spec?.scopes?.includes(scopeName) === true || selected.some((one) => one.scopeName === scopeName);
}
