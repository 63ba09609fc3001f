import type { DaemonSet, Node, Pod, PodSpec, Toleration } from "@tskube/api";
import { fitsNodeAffinity } from "../../nodes/affinity.ts";
import { taintsOf, tolerates } from "../../nodes/taints.ts";

/** What a daemon may do on a node: start there, and stay there once it runs. */
export interface Fit {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/** Daemons look after nodes in trouble: the taints of troubles do not keep them away. */
export function daemonTolerations({ hostNetwork }: PodSpec): Toleration[] {
  const exists = (key: string, effect: string): Toleration => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists",
    effect,
  });
  return [
    exists("not-ready", "NoExecute"),
    exists("unreachable", "NoExecute"),
    exists("disk-pressure", "NoSchedule"),
    exists("memory-pressure", "NoSchedule"),
    exists("pid-pressure", "NoSchedule"),
    exists("unschedulable", "NoSchedule"),
    ...(hostNetwork ? [exists("network-unavailable", "NoSchedule")] : []),
  ];
}

/** The tolerations of the template and those of every daemon, none twice. */
export function allTolerations(spec: PodSpec): Toleration[] {
  const own = spec.tolerations ?? [];
  const isOwn = (one: Toleration) =>
    own.some(({ key, operator, effect }) => key === one.key && operator === one.operator && effect === one.effect);
  return [...own, ...daemonTolerations(spec).filter((one) => !isOwn(one))];
}

export function fitOf({ spec }: DaemonSet, node: Node): Fit {
  const podSpec = spec.template.spec ?? { containers: [] };
  if (podSpec.nodeName && podSpec.nodeName !== node.metadata.name) return { shouldRun: false, mayStay: false };
  if (!fitsNodeAffinity(podSpec, node)) return { shouldRun: false, mayStay: false };
  const tolerations = allTolerations(podSpec);
  const repelling = taintsOf(node).filter((taint) => !tolerations.some((one) => tolerates(one, taint)));
  const evicts = repelling.some(({ effect }) => effect === "NoExecute");
  const repels = evicts || repelling.some(({ effect }) => effect === "NoSchedule");
  return { shouldRun: !repels, mayStay: !evicts };
}

/** The node that a daemon pod stands on, or was made for. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const fields = terms.flatMap(({ matchFields = [] }) => matchFields);
  return fields.find(
    ({ key, operator, values }) => key === "metadata.name" && operator === "In" && values?.length === 1,
  )?.values?.[0];
}
