import type { Attributes } from "../authorizer.ts";
import type { User } from "../user.ts";
import { type CompiledRules, compileRules, rulesAllow } from "./compiled-rules.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule, RbacSubject, Role, RoleBinding } from "./types.ts";

/** A role as bindings see it: shared by all of them, so that a changed role is seen without touching any binding. */
interface RoleSlot {
  readonly kind: "ClusterRole" | "Role";
  readonly name: string;
  rules: CompiledRules | undefined;
}

/** One subject's share of one binding. */
interface Grant {
  readonly binding: string;
  readonly role: RoleSlot;
  readonly description: string;
}

/** Cluster-wide grants stand under the empty namespace. */
type GrantsByNamespace = Map<string, Grant[]>;

export type RbacDecision =
  | { readonly allowed: true; readonly reason: string }
  | { readonly allowed: false; readonly reason: string };

/**
 * All roles and bindings, indexed by subject. A decision reads only what is granted to the user's own name and groups, in the whole cluster
 * and in the namespace asked about.
 *
 * Invariant: a grant points at its role's slot, which exists from the first mention of the role on and holds no rules while the role does not exist.
 */
export class BindingIndex {
  readonly #roles = new Map<string, RoleSlot>();
  readonly #subjects = new Map<string, GrantsByNamespace>();
  /** Which subjects a binding has grants under, to take them away again. */
  readonly #bindings = new Map<string, { readonly namespace: string; readonly subjects: readonly string[] }>();

  setRole(role: Role | ClusterRole): void {
    const { name = "", namespace = "" } = role.metadata;
    this.#slot(namespace, name).rules = compileRules(role.rules ?? []);
  }

  removeRole(role: Role | ClusterRole): void {
    const { name = "", namespace = "" } = role.metadata;
    this.#slot(namespace, name).rules = undefined;
  }

  setBinding(binding: RoleBinding | ClusterRoleBinding): void {
    const { name = "", namespace = "" } = binding.metadata;
    const key = `${namespace}/${name}`;
    this.#removeGrants(key);
    const { kind, name: roleName } = binding.roleRef;
    const role = this.#slot(kind === "Role" ? namespace : "", roleName);
    const subjects: string[] = [];
    for (const subject of binding.subjects ?? []) {
      const subjectKey = keyOfSubject(subject, namespace);
      if (!subjectKey) continue;
      subjects.push(subjectKey);
      this.#grants(subjectKey, namespace).push({
        binding: key,
        role,
        description: describe(name, namespace, role, subject),
      });
    }
    this.#bindings.set(key, { namespace, subjects });
  }

  removeBinding(binding: RoleBinding | ClusterRoleBinding): void {
    const { name = "", namespace = "" } = binding.metadata;
    this.#removeGrants(`${namespace}/${name}`);
  }

  decide(attributes: Attributes): RbacDecision {
    const missing = new Set<string>();
    for (const grants of this.#grantsOf(attributes.user, attributes.namespace)) {
      for (const { role, description } of grants) {
        if (!role.rules) missing.add(`${role.kind.toLowerCase()}.rbac.authorization.k8s.io "${role.name}" not found`);
        else if (rulesAllow(role.rules, attributes))
          return { allowed: true, reason: `RBAC: allowed by ${description}` };
      }
    }
    return { allowed: false, reason: missing.size ? `RBAC: ${[...missing].join(", ")}` : "" };
  }

  /** All rules that hold for `user` in `namespace`, or cluster-wide when it is empty. */
  rulesFor(user: User, namespace: string): PolicyRule[] {
    const rules: PolicyRule[] = [];
    for (const grants of this.#grantsOf(user, namespace)) {
      for (const { role } of grants) rules.push(...(role.rules?.source ?? []));
    }
    return rules;
  }

  /** A role's rules, or undefined while there is no such role. An empty `namespace` means a ClusterRole. */
  rulesOfRole(namespace: string, name: string): readonly PolicyRule[] | undefined {
    return this.#roles.get(`${namespace}/${name}`)?.rules?.source;
  }

  *#grantsOf(user: User, namespace: string): Generator<readonly Grant[]> {
    yield* pick(this.#subjects.get(`User:${user.name}`), namespace);
    for (const group of user.groups) yield* pick(this.#subjects.get(`Group:${group}`), namespace);
  }

  #slot(namespace: string, name: string): RoleSlot {
    const key = `${namespace}/${name}`;
    let slot = this.#roles.get(key);
    if (!slot) {
      slot = { kind: namespace ? "Role" : "ClusterRole", name, rules: undefined };
      this.#roles.set(key, slot);
    }
    return slot;
  }

  #grants(subject: string, namespace: string): Grant[] {
    let byNamespace = this.#subjects.get(subject);
    if (!byNamespace) {
      byNamespace = new Map();
      this.#subjects.set(subject, byNamespace);
    }
    let grants = byNamespace.get(namespace);
    if (!grants) {
      grants = [];
      byNamespace.set(namespace, grants);
    }
    return grants;
  }

  #removeGrants(binding: string): void {
    const known = this.#bindings.get(binding);
    if (!known) return;
    this.#bindings.delete(binding);
    for (const subject of known.subjects) {
      const byNamespace = this.#subjects.get(subject);
      const left = byNamespace?.get(known.namespace)?.filter((grant) => grant.binding !== binding) ?? [];
      if (left.length > 0) byNamespace?.set(known.namespace, left);
      else byNamespace?.delete(known.namespace);
      if (byNamespace?.size === 0) this.#subjects.delete(subject);
    }
  }
}

function* pick(byNamespace: GrantsByNamespace | undefined, namespace: string): Generator<readonly Grant[]> {
  const everywhere = byNamespace?.get("");
  if (everywhere) yield everywhere;
  const here = namespace ? byNamespace?.get(namespace) : undefined;
  if (here) yield here;
}

/** Service accounts are users of a systematic name. */
function keyOfSubject(subject: RbacSubject, bindingNamespace: string): string | undefined {
  if (subject.kind === "User" || subject.kind === "Group") return `${subject.kind}:${subject.name}`;
  if (subject.kind !== "ServiceAccount") return undefined;
  const namespace = subject.namespace || bindingNamespace;
  return namespace ? `User:system:serviceaccount:${namespace}:${subject.name}` : undefined;
}

function describe(name: string, namespace: string, role: RoleSlot, subject: RbacSubject): string {
  const binding = namespace ? `RoleBinding "${name}/${namespace}"` : `ClusterRoleBinding "${name}"`;
  const account =
    subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${binding} of ${role.kind} "${role.name}" to ${subject.kind} "${account}"`;
}
