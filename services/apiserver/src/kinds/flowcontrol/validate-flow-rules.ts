import type { flowcontrolV1 } from "@tskube/api";
import { dns1123LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { validateSubject } from "./validate-subject.ts";

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

export function validateFlowRule(rule: flowcontrolV1.PolicyRulesWithSubjects, at: Path): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  const errors: FieldError[] = [];
  if (subjects.length === 0) {
    errors.push(field.required(at.child("subjects"), "subjects must contain at least one value"));
  }
  errors.push(...subjects.flatMap((subject, i) => validateSubject(subject, at.child("subjects").index(i))));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(field.required(at, "at least one of resourceRules and nonResourceRules has to be non-empty"));
  }
  return [
    ...errors,
    ...resourceRules.flatMap((one, i) => resourceRuleErrors(one, at.child("resourceRules").index(i))),
    ...nonResourceRules.flatMap((one, i) => nonResourceRuleErrors(one, at.child("nonResourceRules").index(i))),
  ];
}

function resourceRuleErrors(rule: flowcontrolV1.ResourcePolicyRule, at: Path): FieldError[] {
  const { apiGroups = [], resources = [] } = rule;
  const errors = verbErrors(rule.verbs, at.child("verbs"));
  errors.push(...atLeastOne(apiGroups, at.child("apiGroups"), "resource rules must supply at least one api group"));
  errors.push(...loneWildcard(apiGroups, at.child("apiGroups"), "api groups"));
  errors.push(...atLeastOne(resources, at.child("resources"), "resource rules must supply at least one resource"));
  errors.push(...loneWildcard(resources, at.child("resources"), "resources"));
  return [...errors, ...namespaceErrors(rule, at.child("namespaces"))];
}

function namespaceErrors({ namespaces = [], clusterScope }: flowcontrolV1.ResourcePolicyRule, at: Path): FieldError[] {
  if (namespaces.length === 0 && !clusterScope) {
    return [field.required(at, "resource rules that are not cluster scoped must supply at least one namespace")];
  }
  if (namespaces.includes("*")) return loneWildcard(namespaces, at, "namespaces");
  return namespaces.flatMap((namespace, i) =>
    dns1123LabelErrors(namespace).map((message) =>
      field.invalid(at.index(i), namespace, `each member of this list must be '*' or a DNS-1123 label; ${message}`),
    ),
  );
}

function nonResourceRuleErrors(rule: flowcontrolV1.NonResourcePolicyRule, at: Path): FieldError[] {
  const { nonResourceURLs: urls = [] } = rule;
  const urlsAt = at.child("nonResourceURLs");
  const errors = verbErrors(rule.verbs, at.child("verbs"));
  errors.push(...atLeastOne(urls, urlsAt, "nonResourceURLs must contain at least one value"));
  if (urls.includes("*")) return [...errors, ...loneWildcard(urls, urlsAt, "non-resource URLs")];
  return [...errors, ...urls.flatMap((url, i) => urlErrors(url, urlsAt.index(i)))];
}

function verbErrors(given: readonly string[] = [], at: Path): FieldError[] {
  if (given.length === 0) return [field.required(at, "verbs must contain at least one value")];
  if (given.includes("*")) return loneWildcard(given, at, "verbs");
  return given.every((verb) => verbs.includes(verb)) ? [] : [field.notSupported(at, given, verbs)];
}

function atLeastOne(values: readonly string[], at: Path, detail: string): FieldError[] {
  return values.length === 0 ? [field.required(at, detail)] : [];
}

function loneWildcard(values: readonly string[], at: Path, others: string): FieldError[] {
  if (values.length < 2 || !values.includes("*")) return [];
  return [field.invalid(at, values, `if '*' is present, must not specify other ${others}`)];
}

function urlErrors(url: string, at: Path): FieldError[] {
  const detail = urlError(url);
  return detail === undefined ? [] : [field.invalid(at, url, detail)];
}

function urlError(url: string): string | undefined {
  if (url === "") return "must not be empty";
  if (url === "/") return undefined;
  if (!url.startsWith("/")) return "must start with slash";
  if (url.includes(" ")) return "must not contain white-space";
  if (url.includes("//")) return "must not contain double slash";
  const wildcards = url.split("*").length - 1;
  if (wildcards > 1 || (wildcards === 1 && !url.endsWith("/*"))) return "wildcard can only do suffix matching";
  return undefined;
}
