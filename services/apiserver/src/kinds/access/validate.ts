import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "@tskube/api";
import { type FieldError, field, Path, pathSegmentNameErrors, validateImmutable } from "@tskube/apimachinery";

const rulesPath = Path.of("rules");

export function validateRole({ rules }: Role): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => ruleErrors(rule, true, rulesPath.index(index)));
}

export function validateClusterRole({ rules }: ClusterRole): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => ruleErrors(rule, false, rulesPath.index(index)));
}

function ruleErrors(rule: PolicyRule, isNamespaced: boolean, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.verbs?.length) errors.push(field.required(at.child("verbs"), "verbs must contain at least one value"));
  if (rule.nonResourceURLs?.length) {
    const path = at.child("nonResourceURLs");
    if (isNamespaced) {
      errors.push(field.invalid(path, rule.nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    }
    if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
      const detail = "rules cannot apply to both regular resources and non-resource URLs";
      errors.push(field.invalid(path, rule.nonResourceURLs, detail));
    }
    return errors;
  }
  if (!rule.apiGroups?.length) {
    errors.push(field.required(at.child("apiGroups"), "resource rules must supply at least one api group"));
  }
  if (!rule.resources?.length) {
    errors.push(field.required(at.child("resources"), "resource rules must supply at least one resource"));
  }
  return errors;
}

export function validateRoleBinding(binding: RoleBinding): FieldError[] {
  return bindingErrors(binding, ["ClusterRole", "Role"], true);
}

export function validateClusterRoleBinding(binding: ClusterRoleBinding): FieldError[] {
  return bindingErrors(binding, ["ClusterRole"], false);
}

type AnyBinding = RoleBinding | ClusterRoleBinding;
const rbacGroup = "rbac.authorization.k8s.io";

function bindingErrors(
  { roleRef, subjects }: AnyBinding,
  kinds: readonly string[],
  isNamespaced: boolean,
): FieldError[] {
  const path = Path.of("roleRef");
  const errors: FieldError[] = [];
  if (roleRef.apiGroup !== rbacGroup)
    errors.push(field.notSupported(path.child("apiGroup"), roleRef.apiGroup, [rbacGroup]));
  if (!kinds.includes(roleRef.kind)) errors.push(field.notSupported(path.child("kind"), roleRef.kind, kinds));
  if (!roleRef.name) errors.push(field.required(path.child("name")));
  else
    errors.push(
      ...pathSegmentNameErrors(roleRef.name).map((message) => field.invalid(path.child("name"), roleRef.name, message)),
    );
  const subjectPath = Path.of("subjects");
  return [
    ...errors,
    ...(subjects ?? []).flatMap((one, index) => subjectErrors(one, isNamespaced, subjectPath.index(index))),
  ];
}

function subjectErrors({ kind, name, apiGroup, namespace }: Subject, isNamespaced: boolean, at: Path): FieldError[] {
  if (!name) return [field.required(at.child("name"))];
  if (kind === "ServiceAccount") {
    const errors = apiGroup ? [field.notSupported(at.child("apiGroup"), apiGroup, [""])] : [];
    if (!isNamespaced && !namespace) errors.push(field.required(at.child("namespace")));
    return errors;
  }
  if (kind === "User" || kind === "Group") {
    return apiGroup === rbacGroup ? [] : [field.notSupported(at.child("apiGroup"), apiGroup ?? "", [rbacGroup])];
  }
  return [field.notSupported(at.child("kind"), kind, ["Group", "ServiceAccount", "User"])];
}

/** What a binding grants cannot change under its subjects. */
export function validateRoleRefUpdate(binding: AnyBinding, old: AnyBinding): FieldError[] {
  const isSame = binding.roleRef.kind === old.roleRef.kind && binding.roleRef.name === old.roleRef.name;
  return isSame
    ? []
    : validateImmutable(binding.roleRef, old.roleRef, Path.of("roleRef")).map((error) => ({
        ...error,
        detail: "cannot change roleRef",
      }));
}
