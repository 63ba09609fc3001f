import type { Container, Pod, SeccompProfile } from "@tskube/api";
import {
  type Image,
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  NamespaceMode,
  NamespaceOption,
  SecurityProfile_ProfileType,
  SupplementalGroupsPolicy,
} from "@tskube/cri";

/** What Docker has always hidden or write-protected in /proc and /sys. */
const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Which namespaces a pod's containers share with the node and with each other. `targetId` is the container whose processes an ephemeral one sees. */
export function namespaceOptions(pod: Pod, targetId?: string): NamespaceOption {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const ownPid = shareProcessNamespace ? NamespaceMode.POD : NamespaceMode.CONTAINER;
  return NamespaceOption.fromPartial({
    network: hostNetwork ? NamespaceMode.NODE : NamespaceMode.POD,
    ipc: hostIPC ? NamespaceMode.NODE : NamespaceMode.POD,
    pid: hostPID ? NamespaceMode.NODE : targetId ? NamespaceMode.TARGET : ownPid,
    ...(targetId && !hostPID && { targetId }),
  });
}

export function sandboxSecurityContext(pod: Pod): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext;
  return LinuxSandboxSecurityContext.fromPartial({
    namespaceOptions: namespaceOptions(pod),
    privileged: [...(pod.spec.initContainers ?? []), ...pod.spec.containers].some(
      (container) => container.securityContext?.privileged,
    ),
    seccomp: { profileType: SecurityProfile_ProfileType.RuntimeDefault },
    ...userFields(context?.runAsUser, context?.runAsGroup),
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: groupsPolicy(pod),
  });
}

/** A container's security settings: its own where it has them, else its pod's. */
export function containerSecurityContext(
  pod: Pod,
  container: Container,
  targetId?: string,
): LinuxContainerSecurityContext {
  const ofPod = pod.spec.securityContext;
  const own = container.securityContext;
  const isPrivileged = own?.privileged === true;
  const isUnmasked = isPrivileged || own?.procMount === "Unmasked";
  const apparmor = own?.appArmorProfile ?? ofPod?.appArmorProfile; // without one the runtime decides, for not every kernel has AppArmor
  const selinux = own?.seLinuxOptions ?? ofPod?.seLinuxOptions;
  return LinuxContainerSecurityContext.fromPartial({
    privileged: isPrivileged,
    namespaceOptions: namespaceOptions(pod, targetId),
    capabilities: {
      addCapabilities: own?.capabilities?.add ?? [],
      dropCapabilities: own?.capabilities?.drop ?? [],
    },
    ...(selinux && { selinuxOptions: selinux as Record<string, string> }),
    ...userFields(own?.runAsUser ?? ofPod?.runAsUser, own?.runAsGroup ?? ofPod?.runAsGroup),
    readonlyRootfs: own?.readOnlyRootFilesystem === true,
    noNewPrivs: own?.allowPrivilegeEscalation === false,
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: groupsPolicy(pod),
    maskedPaths: isUnmasked ? [] : maskedPaths,
    readonlyPaths: isUnmasked ? [] : readonlyPaths,
    seccomp: securityProfile(own?.seccompProfile ?? ofPod?.seccompProfile),
    ...(apparmor && { apparmor: securityProfile(apparmor) }),
  });
}

function userFields(user: number | undefined, group: number | undefined) {
  return {
    ...(user !== undefined && { runAsUser: { value: BigInt(user) } }),
    ...(group !== undefined && { runAsGroup: { value: BigInt(group) } }),
  };
}

function supplementalGroups(pod: Pod): bigint[] {
  const { supplementalGroups: groups = [], fsGroup } = pod.spec.securityContext ?? {};
  return [...new Set([...groups, ...(fsGroup === undefined ? [] : [fsGroup])])].map(BigInt);
}

function groupsPolicy(pod: Pod) {
  const isStrict = pod.spec.securityContext?.supplementalGroupsPolicy === "Strict";
  return isStrict ? SupplementalGroupsPolicy.Strict : SupplementalGroupsPolicy.Merge;
}

/** Seccomp and AppArmor profiles have the same three types. Without a profile, seccomp does not confine. */
function securityProfile(profile: Pick<SeccompProfile, "type" | "localhostProfile"> | undefined) {
  switch (profile?.type) {
    case "RuntimeDefault":
      return { profileType: SecurityProfile_ProfileType.RuntimeDefault };
    case "Unconfined":
      return { profileType: SecurityProfile_ProfileType.Unconfined };
    case "Localhost":
      return { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: profile.localhostProfile ?? "" };
    default:
      return { profileType: SecurityProfile_ProfileType.Unconfined };
  }
}

/** Why a container that must not run as root cannot be started, or undefined when it can. */
export function nonRootProblem(
  pod: Pod,
  container: Container,
  image: Pick<Image, "uid" | "username"> | undefined,
): string | undefined {
  const own = container.securityContext;
  const ofPod = pod.spec.securityContext;
  if (!(own?.runAsNonRoot ?? ofPod?.runAsNonRoot)) return undefined;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  const user = own?.runAsUser ?? ofPod?.runAsUser;
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  if (image?.uid)
    return image.uid.value === 0n ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
  if (image?.username) {
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`;
  }
  return image ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
}
