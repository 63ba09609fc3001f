import type { ResourceQuota } from "@tskube/api";
import { deepEqual, type FieldError, field, Path, parseQuantity, qualifiedNameErrors } from "@tskube/apimachinery";
import { optionalName } from "../field-rules.ts";

const specPath = Path.of("spec");
const scopes = [
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
  "VolumeAttributesClass",
];
const contrary = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

export function validateQuota({ spec }: ResourceQuota): FieldError[] {
  const { hard = {}, scopes: wanted = [] } = spec ?? {};
  const scopesAt = specPath.child("scopes");
  return [
    ...Object.entries(hard).flatMap(([name, amount]) => amountErrors(name, amount, specPath.child("hard").key(name))),
    ...wanted.flatMap((scope) =>
      scopes.includes(scope) ? [] : [field.invalid(scopesAt, wanted, "unsupported scope")],
    ),
    ...contrary.flatMap((pair) =>
      pair.every((scope) => wanted.includes(scope)) ? [field.invalid(scopesAt, wanted, "conflicting scopes")] : [],
    ),
  ];
}

function amountErrors(name: string, amount: string, at: Path): FieldError[] {
  const errors = optionalName(name, qualifiedNameErrors, at);
  const isCounted = name.startsWith("count/") || countedNames.has(name);
  const { nanos } = parseQuantity(amount);
  if (nanos < 0n) errors.push(field.invalid(at, amount, "must be greater than or equal to 0"));
  if (isCounted && nanos % 1_000_000_000n !== 0n) errors.push(field.invalid(at, amount, "must be an integer"));
  return errors;
}

const countedNames = new Set([
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = validateQuota(quota);
  const wanted = quota.spec?.scopes ?? [];
  if (!deepEqual(new Set(wanted), new Set(old.spec?.scopes ?? []))) {
    errors.push(field.invalid(specPath.child("scopes"), wanted, "field is immutable"));
  }
  return errors;
}
