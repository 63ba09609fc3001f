import type { PodSecurityContext, SeccompProfile, SecurityContext } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { inRange, oneOf, optionalOneOf } from "../../field-rules.ts";

const maxId = 2 ** 31 - 1;
const procMounts = ["Default", "Unmasked"];
const seccompTypes = ["Localhost", "RuntimeDefault", "Unconfined"];
const groupChangePolicies = ["Always", "OnRootMismatch"];
const sysctlName = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;

/** As whom a pod's containers run. */
export function validatePodSecurity(context: PodSecurityContext | undefined, at: Path): FieldError[] {
  const { runAsUser, runAsGroup, fsGroup, supplementalGroups = [], sysctls = [] } = context ?? {};
  const seen = new Set<string>();
  return [
    ...inRange(runAsUser, 0, maxId, at.child("runAsUser")),
    ...inRange(runAsGroup, 0, maxId, at.child("runAsGroup")),
    ...inRange(fsGroup, 0, maxId, at.child("fsGroup")),
    ...supplementalGroups.flatMap((id, index) => inRange(id, 0, maxId, at.child("supplementalGroups").index(index))),
    ...optionalOneOf(context?.fsGroupChangePolicy, groupChangePolicies, at.child("fsGroupChangePolicy")),
    ...seccompErrors(context?.seccompProfile, at.child("seccompProfile")),
    ...sysctls.flatMap(({ name }, index) => {
      const path = at.child("sysctls").index(index).child("name");
      if (!name) return [field.required(path)];
      const errors = sysctlName.test(name) ? [] : [field.invalid(path, name, "must be the name of a kernel parameter")];
      if (seen.has(name)) errors.push(field.duplicate(path, name));
      seen.add(name);
      return errors;
    }),
  ];
}

/** What one container may do. */
export function validateContainerSecurity(context: SecurityContext | undefined, at: Path): FieldError[] {
  if (!context) return [];
  const errors = [
    ...inRange(context.runAsUser, 0, maxId, at.child("runAsUser")),
    ...inRange(context.runAsGroup, 0, maxId, at.child("runAsGroup")),
    ...optionalOneOf(context.procMount, procMounts, at.child("procMount")),
    ...seccompErrors(context.seccompProfile, at.child("seccompProfile")),
  ];
  if (context.allowPrivilegeEscalation !== false) return errors;
  const contradict = (what: string) =>
    field.invalid(at, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`);
  if (context.privileged) errors.push(contradict("`privileged` to true"));
  const isAdmin = context.capabilities?.add?.some((name) => name === "SYS_ADMIN" || name === "CAP_SYS_ADMIN");
  if (isAdmin) errors.push(contradict("`capabilities.Add` CAP_SYS_ADMIN"));
  return errors;
}

function seccompErrors(profile: SeccompProfile | undefined, at: Path): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors = oneOf(type, seccompTypes, at.child("type"));
  const path = at.child("localhostProfile");
  if (type === "Localhost" && !localhostProfile) {
    errors.push(field.required(path, "must be set when seccomp type is Localhost"));
  }
  if (type !== "Localhost" && localhostProfile !== undefined) {
    errors.push(field.invalid(path, localhostProfile, "can only be set when seccomp type is Localhost"));
  }
  return errors;
}
