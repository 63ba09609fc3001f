import type { ResourceQuota } from "@tskube/api";
import {
  deepEqual,
  type FieldError,
  field,
  formatQuantity,
  Path,
  parseQuantity,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { isExtendedResource, isHugePages, isStandardResource } from "./resource-names.ts";

const specPath = Path.of("spec");
const hardPath = specPath.child("hard");
const nanosOfOne = 1_000_000_000n;
const ofPods = new Set(["pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]);

/** What a scope can be put on, by its name. */
const scopes: Readonly<Record<string, (resource: string) => boolean>> = {
  BestEffort: (resource) => resource === "pods",
  CrossNamespacePodAffinity: (resource) => ofPods.has(resource),
  NotBestEffort: (resource) => ofPods.has(resource),
  NotTerminating: (resource) => ofPods.has(resource),
  PriorityClass: (resource) => ofPods.has(resource),
  Terminating: (resource) => ofPods.has(resource),
  VolumeAttributesClass: (resource) => resource === "persistentvolumeclaims" || resource === "requests.storage",
};
const contrary = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;
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

export function validateQuota({ spec }: ResourceQuota): FieldError[] {
  const hard = spec?.hard ?? {};
  const names = Object.keys(hard).sort();
  return [
    ...amountsErrors(hard, hardPath),
    ...scopeErrors(spec?.scopes ?? [], names),
    ...selectorErrors(spec?.scopeSelector, names),
  ];
}

function amountsErrors(amounts: Readonly<Record<string, string>>, at: Path): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...nameErrors(name, at.key(name)),
    ...amountErrors(name, amount, at.key(name)),
  ]);
}

function nameErrors(name: string, at: Path): FieldError[] {
  const errors = qualifiedNameErrors(name).map((message) => field.invalid(at, name, message));
  if (errors.length > 0 || name.includes("/") || isStandardResource(name)) return errors;
  return [field.invalid(at, name, "must be a standard resource for quotas")];
}

function amountErrors(name: string, amount: string, at: Path): FieldError[] {
  const quantity = parseQuantity(amount);
  const text = formatQuantity(quantity);
  const errors: FieldError[] = [];
  const isWhole = name.startsWith("count/") || countedNames.has(name) || isExtendedResource(name);
  if (quantity.nanos < 0n) errors.push(field.invalid(at, text, "must be greater than or equal to 0"));
  if (isWhole && quantity.nanos % nanosOfOne !== 0n) errors.push(field.invalid(at, text, "must be an integer"));
  return errors;
}

/** Names without a domain, which alone scopes are checked against. */
function isOfQuotas(name: string): boolean {
  return isStandardResource(name) && !isHugePages(name);
}

function unfit(scope: string, names: readonly string[]): string[] {
  const fits = Object.hasOwn(scopes, scope) ? scopes[scope] : undefined;
  return names.filter((name) => isOfQuotas(name) && !fits?.(name));
}

function scopeErrors(wanted: readonly string[], names: readonly string[]): FieldError[] {
  const at = specPath.child("scopes");
  const wrong = (detail: string) => field.invalid(at, wanted, detail);
  const errors = wanted.flatMap((scope) => [
    ...(Object.hasOwn(scopes, scope) ? [] : [wrong("unsupported scope")]),
    ...unfit(scope, names).map(() => wrong("unsupported scope applied to resource")),
  ]);
  const conflicts = contrary.filter((pair) => pair.every((scope) => wanted.includes(scope)));
  return [...errors, ...conflicts.map(() => wrong("conflicting scopes"))];
}

type Selector = NonNullable<ResourceQuota["spec"]>["scopeSelector"];

const onlyExists = new Set([
  "BestEffort",
  "NotBestEffort",
  "Terminating",
  "NotTerminating",
  "CrossNamespacePodAffinity",
]);

function selectorErrors(selector: Selector, names: readonly string[]): FieldError[] {
  const at = specPath.child("scopeSelector", "matchExpressions");
  return (selector?.matchExpressions ?? []).flatMap(({ scopeName, operator, values = [] }) => {
    const errors = Object.hasOwn(scopes, scopeName)
      ? []
      : [field.invalid(at.child("scopeName"), scopeName, "unsupported scope")];
    errors.push(
      ...unfit(scopeName, names).map(() => field.invalid(at, selector, "unsupported scope applied to resource")),
    );
    if (onlyExists.has(scopeName) && operator !== "Exists") {
      errors.push(field.invalid(at.child("operator"), operator, mustExist));
    }
    return [...errors, ...operatorErrors(operator, values, at)];
  });
}

const mustExist =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function operatorErrors(operator: string, values: readonly string[], at: Path): FieldError[] {
  const valuesAt = at.child("values");
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length > 0) return [];
      return [
        field.required(valuesAt, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
      ];
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return [];
      return [
        field.invalid(
          valuesAt,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      ];
    default:
      return [field.invalid(at.child("operator"), operator, "not a valid selector operator")];
  }
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = validateQuota(quota);
  const wanted = quota.spec?.scopes ?? [];
  if (!deepEqual([...new Set(wanted)].sort(), [...new Set(old.spec?.scopes ?? [])].sort())) {
    errors.push(field.invalid(specPath.child("scopes"), wanted, "field is immutable"));
  }
  return errors;
}

export function validateQuotaStatus({ status }: ResourceQuota): FieldError[] {
  return (["hard", "used"] as const).flatMap((name) => amountsErrors(status?.[name] ?? {}, Path.of("status", name)));
}
