import { goQuote } from "@tskube/apimachinery";
import type { PolicyRule } from "./types.ts";

const all = "*";

/**
 * The parts of `wanted` that no rule of `owned` grants, each as a rule for one verb and one resource or path. Empty when nobody holding
 * `owned` gains anything by `wanted`.
 */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !owned.some((rule) => covers(rule, part)));
}

/** One rule per verb, group, resource and name, and per verb and path. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const apiGroup of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const part = { apiGroups: [apiGroup], resources: [resource], verbs: [verb] };
        if (!rule.resourceNames?.length) parts.push(part);
        else for (const name of rule.resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
    }
    for (const url of rule.nonResourceURLs ?? []) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return parts;
}

function covers(owner: PolicyRule, part: PolicyRule): boolean {
  return (
    includesAll(owner.verbs, part.verbs) &&
    includesAll(owner.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((resource) => coversResource(owner.resources ?? [], resource)) &&
    coversNames(owner.resourceNames ?? [], part.resourceNames ?? []) &&
    (part.nonResourceURLs ?? []).every((url) => coversPath(owner.nonResourceURLs ?? [], url))
  );
}

function includesAll(owner: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  const held = new Set(owner ?? []);
  return held.has(all) || (wanted ?? []).every((one) => held.has(one));
}

function coversResource(owner: readonly string[], resource: string): boolean {
  if (owner.includes(all) || owner.includes(resource)) return true;
  const slash = resource.indexOf("/");
  return slash > 0 && owner.includes(`*${resource.slice(slash)}`);
}

/** A rule without names grants all of them. */
function coversNames(owner: readonly string[], wanted: readonly string[]): boolean {
  if (owner.length === 0) return true;
  return wanted.length > 0 && wanted.every((name) => owner.includes(name));
}

function coversPath(owner: readonly string[], wanted: string): boolean {
  return owner.some(
    (path) => path === wanted || (path.endsWith(all) && wanted.replace(/\*$/, "").startsWith(path.slice(0, -1))),
  );
}

/** A rule in one line, as refusals show it. */
export function compactRule(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (name: string, values: readonly string[] | undefined) => {
    if (values?.length) parts.push(`${name}:${quotedList(values)}`);
  };
  add("APIGroups", rule.apiGroups);
  add("Resources", rule.resources);
  add("NonResourceURLs", rule.nonResourceURLs);
  add("ResourceNames", rule.resourceNames);
  add("Verbs", rule.verbs);
  return `{${parts.join(", ")}}`;
}

/** A list as Go's %q prints it: `["a" "b"]`. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => goQuote(value)).join(" ")}]`;
}

/** Joins rules that differ in their verbs only. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const verbsByRest = new Map<string, { readonly rule: PolicyRule; readonly verbs: Set<string> }>();
  for (const { verbs, ...rest } of rules) {
    const key = JSON.stringify([rest.apiGroups, rest.resources, rest.resourceNames, rest.nonResourceURLs]);
    const known = verbsByRest.get(key) ?? { rule: { ...rest, verbs: [] }, verbs: new Set<string>() };
    for (const verb of verbs) known.verbs.add(verb);
    verbsByRest.set(key, known);
  }
  return [...verbsByRest.values()].map(({ rule, verbs }) => ({ ...rule, verbs: [...verbs] }));
}
