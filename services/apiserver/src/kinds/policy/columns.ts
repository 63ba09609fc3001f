import type { HorizontalPodAutoscaler, Lease, PodDisruptionBudget, PriorityClass, RuntimeClass } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";
import { metricsText } from "./autoscaler-text.ts";

const integer = { type: "integer" } as const;

export const disruptionBudgetColumns: TableColumns<PodDisruptionBudget> = {
  definitions: [
    nameColumn,
    column("Min Available", "The number of pods that must be available."),
    column("Max Unavailable", "The number of pods that can be unavailable."),
    column("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time.", integer),
    ageColumn,
  ],
  cells: (budget) => [
    budget.metadata.name,
    String(budget.spec?.minAvailable ?? "N/A"),
    String(budget.spec?.maxUnavailable ?? "N/A"),
    budget.status?.disruptionsAllowed ?? 0,
    ageOf(budget),
  ],
};

export const leaseColumns: TableColumns<Lease> = {
  definitions: [nameColumn, column("Holder", "Who holds the lease."), ageColumn],
  cells: (lease) => [lease.metadata.name, lease.spec?.holderIdentity ?? "", ageOf(lease)],
};

export const priorityClassColumns: TableColumns<PriorityClass> = {
  definitions: [
    nameColumn,
    column("Value", "The priority.", integer),
    column("Global-Default", "Whether pods without a class have this one.", { type: "boolean" }),
    ageColumn,
    column("PreemptionPolicy", "Whether such pods take the place of others."),
  ],
  cells: (one) => [
    one.metadata.name,
    one.value,
    one.globalDefault ?? false,
    ageOf(one),
    one.preemptionPolicy ?? "PreemptLowerPriority",
  ],
};

export const autoscalerColumns: TableColumns<HorizontalPodAutoscaler> = {
  definitions: [
    nameColumn,
    column("Reference", "What is scaled."),
    column("Targets", "Present and wanted values."),
    column("MinPods", "The fewest pods."),
    column("MaxPods", "The most pods."),
    column("Replicas", "The present number of pods."),
    ageColumn,
  ],
  cells: (scaler) => {
    const { spec, status } = scaler;
    return [
      scaler.metadata.name,
      `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
      metricsText(scaler),
      String(spec?.minReplicas ?? "<unset>"),
      spec?.maxReplicas ?? 0,
      status?.currentReplicas ?? 0,
      ageOf(scaler),
    ];
  },
};

export const runtimeClassColumns: TableColumns<RuntimeClass> = {
  definitions: [nameColumn, column("Handler", "What the runtime calls the way it runs such pods."), ageColumn],
  cells: (one) => [one.metadata.name, one.handler, ageOf(one)],
};
