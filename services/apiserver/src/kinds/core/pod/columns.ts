import type { Pod } from "@tskube/api";
import type { Cell, RowCondition, TableColumns, TimedCell } from "../../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn, orNone, shortDuration } from "../../cells.ts";
import { podReason } from "./pod-reason.ts";

const over = (reason: string, message: string): readonly RowCondition[] => [
  { type: "Completed", status: "True", reason, message },
];
const conditionsByPhase = new Map([
  ["Succeeded", over("Succeeded", "The pod has completed successfully.")],
  ["Failed", over("Failed", "The pod failed.")],
]);

/** What `kubectl get pods` shows. */
export const podColumns: TableColumns<Pod> = {
  definitions: [
    nameColumn,
    column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
    column("Status", "The aggregate status of the containers in this pod."),
    column(
      "Restarts",
      "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
    ),
    ageColumn,
    column("IP", "IP address allocated to the pod.", { isWide: true }),
    column("Node", "The node the pod runs on.", { isWide: true }),
    column("Nominated Node", "The node on which the pod may be scheduled once others made room.", { isWide: true }),
    column("Readiness Gates", "Conditions besides its containers that make the pod ready.", { isWide: true }),
  ],
  conditions: ({ status }) => conditionsByPhase.get(status?.phase ?? ""),
  cells(pod) {
    const { spec, status } = pod;
    const { ready, total, restarts } = podCounts(pod);
    return [
      pod.metadata.name,
      `${ready}/${total}`,
      podReason(pod),
      restarts,
      ageOf(pod),
      orNone(status?.podIPs?.[0]?.ip ?? status?.podIP),
      orNone(spec.nodeName),
      orNone(status?.nominatedNodeName),
      readinessGates(pod),
    ];
  },
};

function podCounts(pod: Pod): { ready: number; total: number; restarts: Cell | TimedCell } {
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter((one) => one.restartPolicy === "Always").map((one) => one.name),
  );
  const initStatuses = pod.status?.initContainerStatuses ?? [];
  const sidecarStatuses = initStatuses.filter((status) => sidecars.has(status.name));
  const statuses = pod.status?.containerStatuses ?? [];
  const isInitializing = initStatuses.some((status) => !isInitialized(status, sidecars));
  // While the pod initializes its restarts are those of the init containers.
  const counted =
    isInitializing && statuses.every((status) => !status.ready) ? initStatuses : [...sidecarStatuses, ...statuses];
  const restarts = counted.reduce((sum, status) => sum + status.restartCount, 0);
  const lastRestart = counted
    .map((status) => status.lastState?.terminated?.finishedAt)
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  return {
    ready: [...statuses, ...sidecarStatuses].filter((status) => status.ready && status.state?.running).length,
    total: pod.spec.containers.length + sidecars.size,
    restarts: restarts > 0 && lastRestart ? restartsText(restarts, Date.parse(lastRestart)) : String(restarts),
  };
}

function restartsText(count: number, lastMs: number): TimedCell {
  return (nowMs) => `${count} (${shortDuration(nowMs - lastMs)} ago)`;
}

type Status = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number];

function isInitialized(status: Status, sidecars: ReadonlySet<string>): boolean {
  if (status.state?.terminated?.exitCode === 0) return true;
  return sidecars.has(status.name) && status.started === true;
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const conditions = status?.conditions ?? [];
  const passed = gates.filter((gate) =>
    conditions.some((condition) => condition.type === gate.conditionType && condition.status === "True"),
  );
  return `${passed.length}/${gates.length}`;
}
