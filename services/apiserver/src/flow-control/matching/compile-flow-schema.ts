import type { FlowSchema, flowcontrolV1 } from "@tskube/api";
import type { User } from "../../auth/index.ts";
import type { RequestInfo } from "../../filters/request-info.ts";

/** A FlowSchema in the form in which requests are held against it. */
export interface CompiledFlowSchema {
  readonly name: string;
  readonly uid: string;
  readonly level: string;
  readonly precedence: number;
  /** Which of the user's requests match; undefined when none does, whatever is asked. */
  forUser(user: User): Matches | undefined;
  /** What tells the flows of the schema apart. */
  distinguisher(user: User, info: RequestInfo): string;
}

export type Matches = (info: RequestInfo) => boolean;

export function compileFlowSchema({ metadata, spec }: FlowSchema): CompiledFlowSchema {
  const rules = (spec.rules ?? []).map(compileRule);
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    level: spec.priorityLevelConfiguration.name,
    precedence: spec.matchingPrecedence,
    forUser: (user) => {
      const matching = rules.filter(({ hasUser }) => hasUser(user)).map(({ matches }) => matches);
      if (matching.length <= 1) return matching[0];
      return (info) => matching.some((matches) => matches(info));
    },
    distinguisher: distinguisherOf(spec.distinguisherMethod?.type),
  };
}

/** The order in which schemas are tried: by precedence, and by name where that is equal. */
export function compareSchemas(a: CompiledFlowSchema, b: CompiledFlowSchema): number {
  return a.precedence - b.precedence || (a.name < b.name ? -1 : 1);
}

function distinguisherOf(method: string | undefined): CompiledFlowSchema["distinguisher"] {
  if (method === "ByUser") return (user) => user.name;
  if (method === "ByNamespace") return (_user, info) => info.namespace;
  return () => "";
}

interface CompiledRule {
  readonly hasUser: (user: User) => boolean;
  readonly matches: Matches;
}

function compileRule({ subjects, resourceRules, nonResourceRules }: flowcontrolV1.PolicyRulesWithSubjects) {
  const ofResources = (resourceRules ?? []).map(compileResourceRule);
  const ofPaths = (nonResourceRules ?? []).map(compileNonResourceRule);
  const rule: CompiledRule = {
    hasUser: compileSubjects(subjects),
    matches: (info) => (info.isResource ? ofResources : ofPaths).some((matches) => matches(info)),
  };
  return rule;
}

const everyName = "*";

function compileSubjects(subjects: readonly flowcontrolV1.Subject[]): (user: User) => boolean {
  const groups = new Set<string>();
  const users = new Set<string>();
  const namespaces: string[] = [];
  for (const { group, user, serviceAccount } of subjects) {
    if (group) groups.add(group.name);
    if (user) users.add(user.name);
    if (!serviceAccount) continue;
    const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
    if (serviceAccount.name === everyName) namespaces.push(prefix);
    else users.add(prefix + serviceAccount.name);
  }
  if (groups.has(everyName) || users.has(everyName)) return () => true;
  return (user) =>
    users.has(user.name) ||
    user.groups.some((group) => groups.has(group)) ||
    namespaces.some((prefix) => user.name.startsWith(prefix));
}

function compileResourceRule(rule: flowcontrolV1.ResourcePolicyRule): Matches {
  const hasVerb = memberOf(rule.verbs);
  const hasGroup = memberOf(rule.apiGroups);
  const hasResource = memberOf(rule.resources);
  const hasNamespace = memberOf(rule.namespaces ?? []);
  const isClusterScoped = rule.clusterScope === true;
  return ({ verb, group, resource, subresource, namespace }) =>
    hasVerb(verb) &&
    hasGroup(group) &&
    hasResource(subresource === "" ? resource : `${resource}/${subresource}`) &&
    (namespace === "" ? isClusterScoped : hasNamespace(namespace));
}

function compileNonResourceRule(rule: flowcontrolV1.NonResourcePolicyRule): Matches {
  const hasVerb = memberOf(rule.verbs);
  const hasPath = memberOf(rule.nonResourceURLs);
  const prefixes = rule.nonResourceURLs.filter((url) => url.endsWith("/*")).map((url) => url.slice(0, -1));
  return ({ verb, path }) => hasVerb(verb) && (hasPath(path) || prefixes.some((prefix) => path.startsWith(prefix)));
}

function memberOf(names: readonly string[]): (name: string) => boolean {
  if (names.includes("*")) return () => true;
  const known = new Set(names);
  return (name) => known.has(name);
}
