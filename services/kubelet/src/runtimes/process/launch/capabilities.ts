import { readFileSync } from "node:fs";
import { CriError } from "@tskube/cri";

/** Capabilities by number, as the kernel counts them. */
const names = [
  ..."chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast".split(
    " ",
  ),
  ..."net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice".split(
    " ",
  ),
  ..."sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog".split(
    " ",
  ),
  ..."wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore".split(" "),
];

/**
 * What a container has unless told otherwise: containerd's set without MKNOD. There is no device filter here, and a container that can make device
 * files could read the node's disks.
 */
export const defaultCapabilities: readonly string[] =
  "chown dac_override fsetid fowner net_raw setgid setuid setfcap setpcap net_bind_service sys_chroot kill audit_write".split(
    " ",
  );

export interface CapabilityChange {
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/** Applies a container's add and drop lists, in which `ALL` is allowed. `available` bounds the result: what the runtime lacks it cannot give. */
export function capabilitiesOf({ add, drop }: CapabilityChange, available: readonly string[]): string[] {
  const added = add.map(normalize);
  const dropped = drop.map(normalize);
  let kept = new Set(dropped.includes("all") ? [] : defaultCapabilities);
  if (added.includes("all")) kept = new Set(names);
  for (const name of dropped) kept.delete(name);
  for (const name of added) if (name !== "all") kept.add(name);
  return available.filter((name) => kept.has(name));
}

function normalize(name: string): string {
  const plain = name.toLowerCase().replace(/^cap_/, "");
  if (plain !== "all" && !names.includes(plain))
    throw new CriError("INVALID_ARGUMENT", `unknown capability "CAP_${plain.toUpperCase()}"`);
  return plain;
}

/** The capabilities in this process's bounding set. */
export function availableCapabilities(status = readFileSync("/proc/self/status", "utf8")): string[] {
  const mask = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return names.filter((_name, bit) => (mask >> BigInt(bit)) & 1n);
}
