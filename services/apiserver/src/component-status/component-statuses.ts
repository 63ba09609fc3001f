import type { ComponentStatus } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import type { TableColumns } from "../http/table-columns.ts";
import { column, nameColumn } from "../kinds/cells.ts";
import { type Health, probeHealth } from "./probe.ts";

/** How each part of the control plane is asked, by the name that it has always had. */
export type Probes = Readonly<Record<string, () => Promise<Health>>>;

/** The parts that a control plane on one machine has. */
export function controlPlaneProbes(askStore: () => Promise<unknown>): Probes {
  return {
    "controller-manager": () => probeHealth(10257),
    "etcd-0": async () => {
      try {
        await askStore();
        return { isHealthy: true, message: "ok" };
      } catch (error) {
        return { isHealthy: false, message: errorMessage(error) };
      }
    },
    scheduler: () => probeHealth(10259),
  };
}

export function componentStatus(name: string, { isHealthy, message }: Health): ComponentStatus {
  const condition = isHealthy
    ? { type: "Healthy", status: "True", message }
    : { type: "Healthy", status: "False", message };
  return { kind: "ComponentStatus", apiVersion: "v1", metadata: { name }, conditions: [condition] };
}

/** What `kubectl get componentstatuses` shows. */
export const componentColumns: TableColumns<ComponentStatus> = {
  definitions: [
    nameColumn,
    column("Status", "Status of the component conditions"),
    column("Message", "Message of the component conditions"),
    column("Error", "Error of the component conditions"),
  ],
  cells: ({ metadata, conditions = [] }) => {
    const { status, message = "", error = "" } = conditions.find(({ type }) => type === "Healthy") ?? {};
    const word = status === "True" ? "Healthy" : status === "False" ? "Unhealthy" : "Unknown";
    return [metadata.name, word, message, error];
  },
};
