import type { Pod } from "@tskube/api";
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
  quantityOf,
  quantityValue,
} from "@tskube/apimachinery";
import type { Verdict } from "../status/pod-status.ts";
import { isRestartableInit } from "./containers.ts";

/** Kernel settings that affect nothing outside of the pod's namespaces. */
const safeSysctls: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

export interface AdmissionInputs {
  readonly pod: Pod;
  /** Pods of the node that are not over. */
  readonly others: readonly Pod[];
  readonly allocatable: Readonly<Record<string, string>>;
}

/**
 * Whether this node can run a pod that was given to it; a verdict is final. The scheduler has checked the same, but it may be out of date, and
 * pods can be bound without it.
 */
export function admit(inputs: AdmissionInputs): Verdict | undefined {
  return forbiddenSysctl(inputs.pod) ?? tooManyPods(inputs) ?? lackingResource(inputs);
}

function forbiddenSysctl(pod: Pod): Verdict | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll("/", ".");
    if (!safeSysctls.has(dotted))
      return failed("SysctlForbidden", `forbidden sysctl: ${JSON.stringify(name)} not allowlisted`);
    const isNetwork = dotted.startsWith("net.");
    if (isNetwork && pod.spec.hostNetwork)
      return failed("SysctlForbidden", `forbidden sysctl: ${JSON.stringify(name)} not allowed with host net enabled`);
    if (!isNetwork && pod.spec.hostIPC)
      return failed("SysctlForbidden", `forbidden sysctl: ${JSON.stringify(name)} not allowed with host ipc enabled`);
  }
  return undefined;
}

function tooManyPods({ others, allocatable }: AdmissionInputs): Verdict | undefined {
  const limit = allocatable["pods"];
  if (limit === undefined || others.length + 1 <= Number(limit)) return undefined;
  return outOf("pods", 1, others.length, Number(limit));
}

function lackingResource({ pod, others, allocatable }: AdmissionInputs): Verdict | undefined {
  for (const name of ["cpu", "memory", "ephemeral-storage"]) {
    const total = allocatable[name];
    const wanted = podRequest(pod, name);
    if (total === undefined || wanted.nanos === 0n) continue;
    const used = others.reduce((sum, other) => addQuantities(sum, podRequest(other, name)), quantityOf(0));
    if (compareQuantities(addQuantities(used, wanted), parseQuantity(total)) <= 0) continue;
    const amount = name === "cpu" ? quantityMilliValue : quantityValue;
    return outOf(name, amount(wanted), amount(used), amount(parseQuantity(total)));
  }
  return undefined;
}

function outOf(name: string, requested: number, used: number, capacity: number): Verdict {
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return failed(`OutOf${name}`, message);
}

function failed(reason: string, message: string): Verdict {
  return { phase: "Failed", reason, message };
}

/** What a pod asks for: its containers and sidecars together, or its most demanding init container if that is more. */
export function podRequest(pod: Pod, name: string): Quantity {
  const request = (container: { resources?: { requests?: Record<string, string> | undefined } | undefined }) =>
    parseQuantity(container.resources?.requests?.[name] ?? "0");
  let sidecars = quantityOf(0);
  let largestInit = quantityOf(0);
  for (const container of pod.spec.initContainers ?? []) {
    const atItsTime = addQuantities(sidecars, request(container));
    if (isRestartableInit(container)) sidecars = atItsTime;
    if (compareQuantities(atItsTime, largestInit) > 0) largestInit = atItsTime;
  }
  const together = pod.spec.containers.reduce((sum, container) => addQuantities(sum, request(container)), sidecars);
  const larger = compareQuantities(together, largestInit) >= 0 ? together : largestInit;
  return addQuantities(larger, parseQuantity(pod.spec.overhead?.[name] ?? "0"));
}
