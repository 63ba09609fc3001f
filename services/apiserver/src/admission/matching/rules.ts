import type { admissionregistrationV1 } from "@tskube/api";
import type { GroupVersionResource } from "@tskube/apimachinery";
import type { AdmissionAttributes } from "../plugin.ts";

export type Rule = admissionregistrationV1.RuleWithOperations;

/** Whether `rule` is about the operation of a write to `target`, which is the write's resource in one of its versions. */
export function ruleMatches(rule: Rule, attributes: AdmissionAttributes, target: GroupVersionResource): boolean {
  return (
    holds(rule.operations, attributes.operation) &&
    holds(rule.apiGroups, target.group) &&
    holds(rule.apiVersions, target.version) &&
    scopeMatches(rule.scope, attributes) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, target.resource, attributes.subresource))
  );
}

function holds(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes("*") || list.includes(value));
}

/** A namespace is not in itself: it has cluster scope. */
function scopeMatches(scope: string | undefined, { namespace, group, resource }: AdmissionAttributes): boolean {
  if (scope === undefined || scope === "*") return true;
  const isNamespaced = namespace !== "" && !(group === "" && resource === "namespaces");
  return isNamespaced === (scope === "Namespaced");
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*` with `/status`, and `*` with `/*`. */
function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const [wanted = "", wantedSub = ""] = pattern.split("/");
  return (wanted === "*" || wanted === resource) && (wantedSub === "*" || wantedSub === subresource);
}

const configurations = new Set([
  "validatingwebhookconfigurations",
  "mutatingwebhookconfigurations",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "mutatingadmissionpolicies",
  "mutatingadmissionpolicybindings",
]);

/** What configures admission is never judged by what it configures, or nobody could repair a mistake. */
export function isAdmissionConfiguration({ group, resource }: AdmissionAttributes): boolean {
  return group === "admissionregistration.k8s.io" && configurations.has(resource);
}
