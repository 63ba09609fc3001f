import { forbidden, goQuote, notFound } from "@tskube/apimachinery";
import type { Authorizer } from "../authorizer.ts";
import type { User } from "../user.ts";
import type { BindingIndex } from "./binding-index.ts";
import { compactRule, compactRules, quotedList, uncoveredRules } from "./covers.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule, RoleBinding } from "./types.ts";

const group = "rbac.authorization.k8s.io";
const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

export interface EscalationDeps {
  readonly index: BindingIndex;
  readonly authorizer: Authorizer;
}

export interface EscalationRequest {
  readonly user: User;
  /** roles, clusterroles, rolebindings or clusterrolebindings. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: object;
  readonly oldObject?: object | undefined;
}

/**
 * Throws `forbidden` if writing a role or binding would give away rights that its writer does not hold: a role's rules need the verb `escalate` or the
 * rules themselves, a binding needs the verb `bind` on its role or the role's rules.
 */
export async function checkEscalation(request: EscalationRequest, deps: EscalationDeps): Promise<void> {
  if (request.user.groups.includes("system:masters")) return;
  if (request.resource === "roles" || request.resource === "clusterroles") return checkRole(request, deps);
  return checkBinding(request, deps);
}

/** What Roles and ClusterRoles have in common; only the latter aggregate. */
type RulesHolder = Partial<Pick<ClusterRole, "rules" | "aggregationRule">>;

async function checkRole(request: EscalationRequest, deps: EscalationDeps): Promise<void> {
  const role = request.object as RulesHolder;
  const old = request.oldObject as RulesHolder | undefined;
  if (old && same(old.rules ?? [], role.rules ?? []) && same(old.aggregationRule, role.aggregationRule)) return;
  if (await isAllowed(request, deps, { verb: "escalate", resource: request.resource, name: request.name })) return;
  confirmHeld(request, deps, role.rules ?? []);
  if (role.aggregationRule && uncoveredRules(deps.index.rulesFor(request.user, ""), everything).length > 0) {
    throw refusal(request, "must have cluster-admin privileges to use an aggregationRule");
  }
}

async function checkBinding(request: EscalationRequest, deps: EscalationDeps): Promise<void> {
  const binding = request.object as RoleBinding | ClusterRoleBinding;
  const old = request.oldObject as RoleBinding | ClusterRoleBinding | undefined;
  if (old && same(old.roleRef, binding.roleRef) && same(old.subjects ?? [], binding.subjects ?? [])) return;
  const isClusterRole = binding.roleRef.kind === "ClusterRole";
  const resource = isClusterRole ? "clusterroles" : "roles";
  if (await isAllowed(request, deps, { verb: "bind", resource, name: binding.roleRef.name })) return;
  const rules = deps.index.rulesOfRole(isClusterRole ? "" : request.namespace, binding.roleRef.name);
  if (!rules) throw notFound({ group, resource }, binding.roleRef.name);
  confirmHeld(request, deps, rules);
}

async function isAllowed(
  request: EscalationRequest,
  deps: EscalationDeps,
  act: { readonly verb: string; readonly resource: string; readonly name: string },
): Promise<boolean> {
  const decision = await deps.authorizer.authorize({
    ...act,
    user: request.user,
    isResource: true,
    path: "",
    group,
    version: "v1",
    subresource: "",
    namespace: request.namespace,
  });
  return decision.allowed;
}

function confirmHeld(request: EscalationRequest, deps: EscalationDeps, rules: readonly PolicyRule[]): void {
  const missing = uncoveredRules(deps.index.rulesFor(request.user, request.namespace), rules);
  if (missing.length === 0) return;
  const { name, groups } = request.user;
  const list = compactRules(missing).map(compactRule).sort().join("\n");
  throw refusal(
    request,
    `user ${goQuote(name)} (groups=${quotedList(groups)}) is attempting to grant RBAC permissions not currently held:\n${list}`,
  );
}

function refusal(request: EscalationRequest, why: string) {
  return forbidden({ group, resource: request.resource }, request.name, why);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
