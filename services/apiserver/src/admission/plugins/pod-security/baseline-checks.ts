import type { SELinuxOptions } from "@tskube/api";
import {
  type AnyContainer,
  type Check,
  containersOf,
  containersWith,
  hasOwnUsers,
  named,
  quoteAll,
  unique,
  violationIf,
} from "./check.ts";
import { localPodChecks } from "./host-address-check.ts";
import { unmaskedProc } from "./proc-mount.ts";
import { seccompBaseline } from "./seccomp-checks.ts";

const capabilities = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);
/** Safe sysctls, and the minor version from which they count as safe. */
const sysctls: ReadonlyMap<string, number> = new Map([
  ["kernel.shm_rmid_forced", 0],
  ["net.ipv4.ip_local_port_range", 0],
  ["net.ipv4.ip_unprivileged_port_start", 0],
  ["net.ipv4.tcp_syncookies", 0],
  ["net.ipv4.ping_group_range", 0],
  ["net.ipv4.ip_local_reserved_ports", 27],
  ["net.ipv4.tcp_keepalive_time", 29],
  ["net.ipv4.tcp_fin_timeout", 29],
  ["net.ipv4.tcp_keepalive_intvl", 29],
  ["net.ipv4.tcp_keepalive_probes", 29],
  ["net.ipv4.tcp_rmem", 32],
  ["net.ipv4.tcp_wmem", 32],
]);
const seLinuxTypes: ReadonlyMap<string, number> = new Map([
  ["", 0],
  ["container_t", 0],
  ["container_init_t", 0],
  ["container_kvm_t", 0],
  ["container_engine_t", 31],
]);

/** Whether a list whose members came over time has `value` in a minor version. */
function hasIn(list: ReadonlyMap<string, number>, value: string, minor: number): boolean {
  const since = list.get(value);
  return since !== undefined && since <= minor;
}

const windowsHostProcess: Check = {
  id: "windowsHostProcess",
  level: "baseline",
  run({ spec }) {
    const names = containersWith(spec, (security) => security.windowsOptions?.hostProcess === true);
    const isPod = spec.securityContext?.windowsOptions?.hostProcess === true;
    const who = [...(isPod ? ["pod"] : []), ...(names.length > 0 ? [named("container", names)] : [])].join(" and ");
    return violationIf(
      who !== "",
      "hostProcess",
      () => `${who} must not set securityContext.windowsOptions.hostProcess=true`,
    );
  },
};

const hostNamespaces: Check = {
  id: "hostNamespaces",
  level: "baseline",
  run({ spec }) {
    const used = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => spec[name]);
    return violationIf(used.length > 0, "host namespaces", () => used.map((name) => `${name}=true`).join(", "));
  },
};

const privileged: Check = {
  id: "privileged",
  level: "baseline",
  run({ spec }) {
    const names = containersWith(spec, (security) => security.privileged === true);
    return violationIf(
      names.length > 0,
      "privileged",
      () => `${named("container", names)} must not set securityContext.privileged=true`,
    );
  },
};

const addedCapabilities: Check = {
  id: "capabilities_baseline",
  level: "baseline",
  run({ spec }) {
    const extra = (container: AnyContainer) =>
      (container.securityContext?.capabilities?.add ?? []).filter((name) => !capabilities.has(name));
    const bad = containersOf(spec).filter((container) => extra(container).length > 0);
    return violationIf(bad.length > 0, "non-default capabilities", () => {
      const names = bad.map((container) => container.name);
      return `${named("container", names)} must not include ${quoteAll(unique(bad.flatMap(extra)))} in securityContext.capabilities.add`;
    });
  },
};

const hostPathVolumes: Check = {
  id: "hostPathVolumes",
  level: "baseline",
  run({ spec }) {
    const names = (spec.volumes ?? []).filter((volume) => volume.hostPath).map((volume) => volume.name);
    return violationIf(names.length > 0, "hostPath volumes", () => named("volume", names));
  },
};

const hostPorts: Check = {
  id: "hostPorts",
  level: "baseline",
  run({ spec }) {
    const portsOf = (container: AnyContainer) =>
      (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [hostPort] : []));
    const bad = containersOf(spec).filter((container) => portsOf(container).length > 0);
    return violationIf(bad.length > 0, "hostPort", () => {
      const ports = unique(bad.flatMap(portsOf).map(String));
      const names = bad.map((container) => container.name);
      return `${named("container", names)} ${names.length === 1 ? "uses" : "use"} hostPort${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;
    });
  },
};

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

const appArmor: Check = {
  id: "appArmorProfile",
  level: "baseline",
  run({ metadata, spec }) {
    const isBad = (type: string | undefined) => type !== undefined && type !== "RuntimeDefault" && type !== "Localhost";
    const names = containersWith(spec, (security) => isBad(security.appArmorProfile?.type));
    const podType = spec.securityContext?.appArmorProfile?.type;
    const annotations = Object.entries(metadata?.annotations ?? {}).filter(
      ([key, value]) => key.startsWith(appArmorPrefix) && !isAllowedProfile(value),
    );
    const parts = [
      ...(isBad(podType) ? [`pod must not set AppArmor profile type to ${JSON.stringify(podType)}`] : []),
      ...(names.length > 0 ? [`${named("container", names)} must not set AppArmor profile type to "Unconfined"`] : []),
      ...(annotations.length > 0
        ? [
            `${annotations.length === 1 ? "annotation" : "annotations"} ${annotations
              .map(([key, value]) => `${JSON.stringify(key)}=${JSON.stringify(value)}`)
              .sort()
              .join(", ")}`,
          ]
        : []),
    ];
    const plural = parts.length + names.length + annotations.length > 2 ? "s" : "";
    return violationIf(parts.length > 0, `forbidden AppArmor profile${plural}`, () => parts.join(" and "));
  },
};

function isAllowedProfile(value: string): boolean {
  return value === "" || value === "runtime/default" || value.startsWith("localhost/");
}

const seLinux: Check = {
  id: "seLinuxOptions",
  level: "baseline",
  run({ spec }, minor) {
    const isBad = (options: SELinuxOptions | undefined) => seLinuxFaults(options, minor).length > 0;
    const own = spec.securityContext?.seLinuxOptions;
    const bad = containersOf(spec).filter((container) => isBad(container.securityContext?.seLinuxOptions));
    const names = bad.map((container) => container.name);
    const who = [...(isBad(own) ? ["pod"] : []), ...(names.length > 0 ? [named("container", names)] : [])].join(
      " and ",
    );
    return violationIf(who !== "", "seLinuxOptions", () => {
      const faults = [own, ...bad.map((container) => container.securityContext?.seLinuxOptions)].flatMap((options) =>
        seLinuxFaults(options, minor),
      );
      const types = unique(faults.flatMap(({ type }) => (type === undefined ? [] : [type])));
      const data = [
        ...(types.length > 0 ? [`type${types.length === 1 ? "" : "s"} ${quoteAll(types)}`] : []),
        ...(["user", "role"] as const)
          .filter((field) => faults.some((fault) => fault.field === field))
          .map((field) => `${field} may not be set`),
      ];
      return `${who} set forbidden securityContext.seLinuxOptions: ${data.join("; ")}`;
    });
  },
};

interface SeLinuxFault {
  readonly type?: string;
  readonly field?: "role" | "user";
}

function seLinuxFaults(options: SELinuxOptions | undefined, minor: number): SeLinuxFault[] {
  const { type = "", user, role } = options ?? {};
  return [
    ...(hasIn(seLinuxTypes, type, minor) ? [] : [{ type }]),
    ...(user ? [{ field: "user" } as const] : []),
    ...(role ? [{ field: "role" } as const] : []),
  ];
}

const procMount: Check = {
  id: "procMount",
  level: "baseline",
  run: ({ spec }, minor) => (hasOwnUsers(spec, minor) ? undefined : unmaskedProc(spec)),
};

const safeSysctls: Check = {
  id: "sysctls",
  level: "baseline",
  run({ spec }, minor) {
    const used = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
    const bad = used.filter((name) => !hasIn(sysctls, name, minor));
    return violationIf(bad.length > 0, "forbidden sysctls", () => bad.join(", "));
  },
};

export const baselineChecks: readonly Check[] = [
  appArmor,
  addedCapabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  localPodChecks,
  privileged,
  procMount,
  seLinux,
  seccompBaseline,
  safeSysctls,
  windowsHostProcess,
];
