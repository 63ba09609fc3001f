import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  WindowsSecurityContextOptions,
} from "@tskube/api";
import { dns1123SubdomainErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { inRange, oneOf, optionalName, optionalOneOf } from "../../field-rules.ts";
import { validateLocalPath } from "./local-paths.ts";

const maxId = 2 ** 31 - 1;
const procMounts = ["Default", "Unmasked"];
const profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];
const groupChangePolicies = ["Always", "OnRootMismatch"];
const groupsPolicies = ["Merge", "Strict"];
const seLinuxPolicies = ["MountOption", "Recursive"];
const maxSysctlLength = 253;
const sysctlSegment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlFormat = `(${sysctlSegment}[\\./])*${sysctlSegment}`;
const sysctlName = new RegExp(`^${sysctlFormat}$`);
const maxCredentialBytes = 64 * 1024;

/** As whom a pod's containers run. */
export function validatePodSecurity(spec: PodSpec, at: Path): FieldError[] {
  const context: PodSecurityContext = spec.securityContext ?? {};
  const { supplementalGroups = [] } = context;
  return [
    ...inRange(context.fsGroup, 0, maxId, at.child("fsGroup")),
    ...inRange(context.runAsUser, 0, maxId, at.child("runAsUser")),
    ...inRange(context.runAsGroup, 0, maxId, at.child("runAsGroup")),
    ...supplementalGroups.flatMap((id, index) => inRange(id, 0, maxId, at.child("supplementalGroups").index(index))),
    ...sharingErrors(spec, at),
    ...sysctlErrors(context.sysctls ?? [], at.child("sysctls")),
    ...optionalOneOf(context.fsGroupChangePolicy, groupChangePolicies, at.child("fsGroupChangePolicy")),
    ...seccompErrors(context.seccompProfile, at.child("seccompProfile")),
    ...windowsErrors(context.windowsOptions, at.child("windowsOptions")),
    ...appArmorErrors(context.appArmorProfile, at.child("appArmorProfile")),
    ...optionalOneOf(context.supplementalGroupsPolicy, groupsPolicies, at.child("supplementalGroupsPolicy")),
    ...optionalOneOf(context.seLinuxChangePolicy, seLinuxPolicies, at.child("seLinuxChangePolicy")),
  ];
}

function sharingErrors({ shareProcessNamespace, hostPID }: PodSpec, at: Path): FieldError[] {
  if (!shareProcessNamespace || !hostPID) return [];
  const detail = "ShareProcessNamespace and HostPID cannot both be enabled";
  return [field.invalid(at.child("shareProcessNamespace"), shareProcessNamespace, detail)];
}

function sysctlErrors(sysctls: NonNullable<PodSecurityContext["sysctls"]>, at: Path): FieldError[] {
  const seen = new Set<string>();
  return sysctls.flatMap(({ name }, index) => {
    const path = at.index(index).child("name");
    if (!name) return [field.required(path)];
    if (name.length > maxSysctlLength || !sysctlName.test(name)) {
      const detail = `must have at most ${maxSysctlLength} characters and match regex ${sysctlFormat}`;
      return [field.invalid(path, name, detail)];
    }
    const errors = seen.has(name) ? [field.duplicate(path, name)] : [];
    seen.add(name);
    return errors;
  });
}

/** What one container may do. */
export function validateContainerSecurity(context: SecurityContext | undefined, at: Path): FieldError[] {
  if (!context) return [];
  return [
    ...inRange(context.runAsUser, 0, maxId, at.child("runAsUser")),
    ...inRange(context.runAsGroup, 0, maxId, at.child("runAsGroup")),
    ...optionalOneOf(context.procMount, procMounts, at.child("procMount")),
    ...escalationErrors(context, at),
    ...windowsErrors(context.windowsOptions, at.child("windowsOptions")),
    ...seccompErrors(context.seccompProfile, at.child("seccompProfile")),
    ...appArmorErrors(context.appArmorProfile, at.child("appArmorProfile")),
  ];
}

function escalationErrors(context: SecurityContext, at: Path): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const contradict = (what: string) =>
    field.invalid(at, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`);
  const errors = context.privileged ? [contradict("`privileged` to true")] : [];
  const isAdmin = context.capabilities?.add?.some((name) => name === "SYS_ADMIN" || name === "CAP_SYS_ADMIN");
  if (isAdmin) errors.push(contradict("`capabilities.Add` CAP_SYS_ADMIN"));
  return errors;
}

function seccompErrors(profile: SeccompProfile | undefined, at: Path): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const path = at.child("localhostProfile");
  const errors = type
    ? oneOf(type, profileTypes, at.child("type"))
    : [field.required(at.child("type"), "type is required when seccompProfile is set")];
  if (type === "Localhost") {
    if (localhostProfile === undefined) {
      return [...errors, field.required(path, "must be set when seccomp type is Localhost")];
    }
    return [...errors, ...validateLocalPath(localhostProfile, path)];
  }
  if (localhostProfile === undefined) return errors;
  return [...errors, field.invalid(path, profile, "can only be set when seccomp type is Localhost")];
}

function appArmorErrors(profile: AppArmorProfile | undefined, at: Path): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const path = at.child("localhostProfile");
  if (!type) return [field.required(at.child("type"), "type is required when appArmorProfile is set")];
  if (!profileTypes.includes(type)) return [field.notSupported(at.child("type"), type, profileTypes)];
  if (type !== "Localhost") {
    if (localhostProfile === undefined) return [];
    return [field.invalid(path, localhostProfile, "can only be set when AppArmor type is Localhost")];
  }
  if (!localhostProfile?.trim()) return [field.required(path, "must be set when AppArmor type is Localhost")];
  if (localhostProfile.trim() === localhostProfile) return [];
  return [field.invalid(path, localhostProfile, "must not be padded with whitespace")];
}

function windowsErrors(options: WindowsSecurityContextOptions | undefined, at: Path): FieldError[] {
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName: user } = options ?? {};
  const errors = optionalName(specName, dns1123SubdomainErrors, at.child("gmsaCredentialSpecName"));
  const specAt = at.child("gmsaCredentialSpec");
  if (spec === "") errors.push(field.invalid(specAt, spec, "gmsaCredentialSpec cannot be an empty string"));
  if (spec && spec.length > maxCredentialBytes) {
    errors.push(field.invalid(specAt, spec, "gmsaCredentialSpec size must be under 64 KiB"));
  }
  return [...errors, ...(user === undefined ? [] : windowsUserErrors(user, at.child("runAsUserName")))];
}

function windowsUserErrors(user: string, at: Path): FieldError[] {
  const wrong = (what: string) => [field.invalid(at, user, `runAsUserName ${what}`)];
  if (user === "") return wrong("cannot be an empty string");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(user)) return wrong("cannot contain control characters");
  return user.split("\\").length > 2 ? wrong("cannot contain more than one backslash") : [];
}
