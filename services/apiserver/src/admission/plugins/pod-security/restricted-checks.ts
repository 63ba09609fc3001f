import {
  type AnyContainer,
  type Check,
  containersOf,
  containersWith,
  hasOwnUsers,
  isSparedAsWindows,
  named,
  quoteAll,
  unique,
  violationIf,
} from "./check.ts";
import { unmaskedProc } from "./proc-mount.ts";
import { seccompRestricted } from "./seccomp-checks.ts";

const volumeTypes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const allowPrivilegeEscalation: Check = {
  id: "allowPrivilegeEscalation",
  level: "restricted",
  since: 8,
  run({ spec }, minor) {
    if (isSparedAsWindows(spec, minor)) return undefined;
    const names = containersWith(spec, (security) => security.allowPrivilegeEscalation !== false);
    return violationIf(
      names.length > 0,
      "allowPrivilegeEscalation != false",
      () => `${named("container", names)} must set securityContext.allowPrivilegeEscalation=false`,
    );
  },
};

const droppedCapabilities: Check = {
  id: "capabilities_restricted",
  level: "restricted",
  since: 22,
  overrides: "capabilities_baseline",
  run({ spec }, minor) {
    if (isSparedAsWindows(spec, minor)) return undefined;
    const extra = (container: AnyContainer) =>
      (container.securityContext?.capabilities?.add ?? []).filter((name) => name !== "NET_BIND_SERVICE");
    const keeping = containersWith(spec, ({ capabilities }) => !capabilities?.drop?.includes("ALL"));
    const adding = containersOf(spec).filter((container) => extra(container).length > 0);
    const parts = [
      ...(keeping.length > 0
        ? [`${named("container", keeping)} must set securityContext.capabilities.drop=["ALL"]`]
        : []),
      ...(adding.length > 0
        ? [
            `${named(
              "container",
              adding.map(({ name }) => name),
            )} must not include ${quoteAll(unique(adding.flatMap(extra)))} in securityContext.capabilities.add`,
          ]
        : []),
    ];
    return violationIf(parts.length > 0, "unrestricted capabilities", () => parts.join("; "));
  },
};

const restrictedVolumes: Check = {
  id: "restrictedVolumes",
  level: "restricted",
  overrides: "hostPathVolumes",
  run({ spec }) {
    const typeOf = (volume: object) => Object.keys(volume).find((key) => key !== "name") ?? "unknown";
    const bad = (spec.volumes ?? []).filter((volume) => !volumeTypes.has(typeOf(volume)));
    return violationIf(bad.length > 0, "restricted volume types", () => {
      const types = unique(bad.map(typeOf));
      const names = bad.map(({ name }) => name);
      return `${named("volume", names)} ${names.length === 1 ? "uses" : "use"} restricted volume type${types.length === 1 ? "" : "s"} ${quoteAll(types)}`;
    });
  },
};

const runAsNonRoot: Check = {
  id: "runAsNonRoot",
  level: "restricted",
  run({ spec }, minor) {
    if (hasOwnUsers(spec, minor)) return undefined;
    const podValue = spec.securityContext?.runAsNonRoot;
    const explicitlyRoot = containersWith(spec, (security) => security.runAsNonRoot === false);
    const silent = containersWith(spec, (security) => security.runAsNonRoot === undefined);
    const reason = "runAsNonRoot != true";
    if (explicitlyRoot.length > 0) {
      const who = [...(podValue === false ? ["pod"] : []), named("container", explicitlyRoot)].join(" and ");
      return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
    }
    if (silent.length === 0 || podValue === true) return undefined;
    if (podValue === false) return { reason, detail: "pod must not set securityContext.runAsNonRoot=false" };
    return { reason, detail: `pod or ${named("container", silent)} must set securityContext.runAsNonRoot=true` };
  },
};

const runAsUser: Check = {
  id: "runAsUser",
  level: "restricted",
  since: 23,
  run({ spec }, minor) {
    if (hasOwnUsers(spec, minor)) return undefined;
    const names = containersWith(spec, (security) => security.runAsUser === 0);
    const isPodRoot = spec.securityContext?.runAsUser === 0;
    const who = [...(isPodRoot ? ["pod"] : []), ...(names.length > 0 ? [named("container", names)] : [])].join(" and ");
    return violationIf(who !== "", "runAsUser=0", () => `${who} must not set runAsUser=0`);
  },
};

/** Whose users the pod has is no matter here. */
const procMount: Check = {
  id: "procMount_restricted",
  level: "restricted",
  since: 35,
  overrides: "procMount",
  run: ({ spec }) => unmaskedProc(spec),
};

export const restrictedChecks: readonly Check[] = [
  allowPrivilegeEscalation,
  droppedCapabilities,
  procMount,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];
