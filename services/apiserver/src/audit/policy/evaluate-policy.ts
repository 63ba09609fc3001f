import type { User } from "../../auth/user.ts";
import type { RequestInfo } from "../../filters/request-info.ts";
import type { GroupResources, Level, Policy, PolicyRule, Stage } from "./policy.ts";

/** What a policy says about one request. */
export interface AuditConfig {
  readonly level: Level;
  readonly omitStages: ReadonlySet<Stage>;
  readonly omitManagedFields: boolean;
}

/** Nobody is known to have asked while authentication has not been passed. */
export type EvaluatePolicy = (info: RequestInfo, user: User | undefined) => AuditConfig;

interface CompiledRule {
  readonly config: AuditConfig;
  matches(info: RequestInfo, user: User | undefined): boolean;
}

/** Compiles a policy: the first rule that matches decides, and a request that none matches is not recorded. */
export function policyEvaluator(policy: Policy): EvaluatePolicy {
  const rules = policy.rules.map((rule) => compileRule(rule, policy));
  const unmatched: AuditConfig = {
    level: "None",
    omitStages: new Set(policy.omitStages),
    omitManagedFields: policy.omitManagedFields,
  };
  return (info, user) => rules.find((rule) => rule.matches(info, user))?.config ?? unmatched;
}

function compileRule(rule: PolicyRule, policy: Policy): CompiledRule {
  const [users, groups, verbs] = [new Set(rule.users), new Set(rule.userGroups), new Set(rule.verbs)];
  const matchesTarget = targetMatcher(rule);
  return {
    config: {
      level: rule.level,
      omitStages: new Set([...policy.omitStages, ...rule.omitStages]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
    },
    matches(info, user) {
      if (users.size > 0 && !(user && users.has(user.name))) return false;
      if (groups.size > 0 && !user?.groups.some((group) => groups.has(group))) return false;
      return (verbs.size === 0 || verbs.has(info.verb)) && matchesTarget(info);
    },
  };
}

function targetMatcher(rule: PolicyRule): (info: RequestInfo) => boolean {
  const { resources, nonResourceURLs } = rule;
  const namespaces = new Set(rule.namespaces);
  if (namespaces.size > 0 || resources.length > 0) {
    return (info) =>
      info.isResource &&
      (namespaces.size === 0 || namespaces.has(info.namespace)) &&
      (resources.length === 0 || resources.some((one) => matchesResource(one, info)));
  }
  if (nonResourceURLs.length === 0) return () => true;
  return (info) => !info.isResource && nonResourceURLs.some((url) => matchesPath(url, info.path));
}

function matchesPath(url: string, path: string): boolean {
  return url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1)));
}

function matchesResource({ group, resources, resourceNames }: GroupResources, info: RequestInfo): boolean {
  if (group !== info.group) return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false;
  const { resource, subresource } = info;
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  return resources.some(
    (one) =>
      one === "*" || one === whole || (subresource !== "" && one === `*/${subresource}`) || one === `${resource}/*`,
  );
}
