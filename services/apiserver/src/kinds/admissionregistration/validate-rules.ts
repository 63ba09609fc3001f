import type { admissionregistrationV1 } from "@tskube/api";
import { type FieldError, field, type Path, pathSegmentNameErrors } from "@tskube/apimachinery";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const scopes = ["*", "Cluster", "Namespaced"];

/** What is wrong with which writes a webhook is asked about. */
export function ruleErrors(rule: admissionregistrationV1.RuleWithOperations, at: Path): FieldError[] {
  const { operations: wanted = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  return [
    ...atLeastOne(wanted, at.child("operations")),
    ...aloneIfAny(wanted, "operations", at.child("operations")),
    ...wanted.flatMap((one, index) =>
      operations.includes(one) ? [] : [field.notSupported(at.child("operations").index(index), one, operations)],
    ),
    ...atLeastOne(apiGroups, at.child("apiGroups")),
    ...aloneIfAny(apiGroups, "API groups", at.child("apiGroups")),
    ...atLeastOne(apiVersions, at.child("apiVersions")),
    ...aloneIfAny(apiVersions, "API versions", at.child("apiVersions")),
    ...apiVersions.flatMap((one, index) => (one === "" ? [field.required(at.child("apiVersions").index(index))] : [])),
    ...resourceErrors(resources, at.child("resources")),
    ...(scope === undefined || scopes.includes(scope) ? [] : [field.notSupported(at.child("scope"), scope, scopes)]),
  ];
}

/** The same for a policy, whose rules may name objects. */
export function namedRuleErrors(rule: admissionregistrationV1.NamedRuleWithOperations, at: Path): FieldError[] {
  const seen = new Set<string>();
  const names = (rule.resourceNames ?? []).flatMap((name, index) => {
    const path = at.child("resourceNames").index(index);
    const errors = pathSegmentNameErrors(name).map((message) => field.invalid(path, name, message));
    if (seen.has(name)) errors.push(field.duplicate(path, name));
    seen.add(name);
    return errors;
  });
  return [...names, ...ruleErrors(rule, at)];
}

function atLeastOne(list: readonly string[], at: Path): FieldError[] {
  return list.length === 0 ? [field.required(at)] : [];
}

function aloneIfAny(list: readonly string[], what: string, at: Path): FieldError[] {
  if (list.length <= 1 || !list.includes("*")) return [];
  return [field.invalid(at, list, `if '*' is present, must not specify other ${what}`)];
}

function resourceErrors(resources: readonly string[], at: Path): FieldError[] {
  const errors = atLeastOne(resources, at);
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  for (const [index, one] of resources.entries()) {
    if (one === "") errors.push(field.required(at.index(index)));
    const slash = one.indexOf("/");
    if (slash < 0) continue;
    const [resource, subresource] = [one.slice(0, slash), one.slice(slash + 1)];
    const not = (pattern: string) =>
      field.invalid(at.index(index), one, `if '${pattern}' is present, must not specify ${one}`);
    if (wholeResources.has(resource)) errors.push(not(`${resource}/*`));
    if (wholeSubresources.has(subresource)) errors.push(not(`*/${subresource}`));
    if (subresource === "*") wholeResources.add(resource);
    if (resource === "*") wholeSubresources.add(subresource);
  }
  if (resources.length > 1 && resources.includes("*/*")) {
    errors.push(field.invalid(at, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes("*") && resources.some((one) => one !== "*" && one !== "" && !one.includes("/"))) {
    const message = "if '*' is present, must not specify other resources without subresources";
    errors.push(field.invalid(at, resources, message));
  }
  return errors;
}
