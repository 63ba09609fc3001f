import type { Attributes } from "../authorizer.ts";
import type { PolicyRule } from "./types.ts";

/** A rule with its lists as sets; `undefined` stands for all (`*`), and for names also for an empty list. */
interface ResourceRule {
  readonly verbs: ReadonlySet<string> | undefined;
  readonly groups: ReadonlySet<string> | undefined;
  readonly resources: ReadonlySet<string> | undefined;
  /** Subresources granted on every resource: `scale` for a star, a slash and `scale`. */
  readonly anyResource: ReadonlySet<string>;
  readonly names: ReadonlySet<string> | undefined;
}

interface PathRule {
  readonly verbs: ReadonlySet<string> | undefined;
  readonly paths: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

/** A role's rules in the form that decisions read. */
export interface CompiledRules {
  readonly source: readonly PolicyRule[];
  readonly resources: readonly ResourceRule[];
  readonly paths: readonly PathRule[];
}

export const noRules: CompiledRules = { source: [], resources: [], paths: [] };

export function compileRules(source: readonly PolicyRule[]): CompiledRules {
  return {
    source,
    resources: source.filter((rule) => rule.resources?.length).map(compileResourceRule),
    paths: source.filter((rule) => rule.nonResourceURLs?.length).map(compilePathRule),
  };
}

function compileResourceRule(rule: PolicyRule): ResourceRule {
  const resources = rule.resources ?? [];
  return {
    verbs: setUnlessAll(rule.verbs),
    groups: setUnlessAll(rule.apiGroups ?? []),
    resources: setUnlessAll(resources),
    anyResource: new Set(resources.filter((one) => one.startsWith("*/")).map((one) => one.slice(2))),
    names: rule.resourceNames?.length ? new Set(rule.resourceNames) : undefined,
  };
}

function compilePathRule(rule: PolicyRule): PathRule {
  const urls = rule.nonResourceURLs ?? [];
  return {
    verbs: setUnlessAll(rule.verbs),
    paths: new Set(urls.filter((url) => !url.endsWith("*"))),
    prefixes: urls.filter((url) => url.endsWith("*")).map((url) => url.slice(0, -1)),
  };
}

function setUnlessAll(values: readonly string[]): ReadonlySet<string> | undefined {
  return values.includes("*") ? undefined : new Set(values);
}

/** Whether one of the rules allows what is asked. */
export function rulesAllow(rules: CompiledRules, attributes: Attributes): boolean {
  if (!attributes.isResource) {
    return rules.paths.some((rule) => pathRuleAllows(rule, attributes.verb, attributes.path));
  }
  const { name, subresource } = attributes;
  const resource = subresource ? `${attributes.resource}/${subresource}` : attributes.resource;
  for (const rule of rules.resources) {
    if (rule.verbs && !rule.verbs.has(attributes.verb)) continue;
    if (rule.groups && !rule.groups.has(attributes.group)) continue;
    if (rule.names && !rule.names.has(name)) continue;
    if (!rule.resources || rule.resources.has(resource) || (subresource && rule.anyResource.has(subresource))) {
      return true;
    }
  }
  return false;
}

function pathRuleAllows(rule: PathRule, verb: string, path: string): boolean {
  if (rule.verbs && !rule.verbs.has(verb)) return false;
  return rule.paths.has(path) || rule.prefixes.some((prefix) => path.startsWith(prefix));
}
