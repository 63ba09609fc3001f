import type { HorizontalPodAutoscaler, Lease, PodDisruptionBudget, PriorityClass, RuntimeClass } from "@tskube/api";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import {
  autoscalerColumns,
  disruptionBudgetColumns,
  leaseColumns,
  priorityClassColumns,
  runtimeClassColumns,
} from "./columns.ts";
import { validateAutoscaler } from "./validate-autoscaler.ts";
import {
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from "./validate-classes.ts";
import { validateDisruptionBudget, validateDisruptionBudgetStatus } from "./validate-disruption-budget.ts";
import { validateLease } from "./validate-lease.ts";

/** How many pods there are, how they are placed and run, and who leads. */
export const policyStrategies: StrategyList = {
  "poddisruptionbudgets.policy": strategyFor<PodDisruptionBudget>({
    hasGeneration: true,
    columns: disruptionBudgetColumns,
    validate: validateDisruptionBudget,
    validateUpdate: validateDisruptionBudget,
    status: { validateUpdate: validateDisruptionBudgetStatus },
  }),
  "horizontalpodautoscalers.autoscaling": strategyFor<HorizontalPodAutoscaler>({
    columns: autoscalerColumns,
    validate: validateAutoscaler,
    validateUpdate: validateAutoscaler,
  }),
  "priorityclasses.scheduling.k8s.io": strategyFor<PriorityClass>({
    hasGeneration: true,
    columns: priorityClassColumns,
    validate: validatePriorityClass,
    validateUpdate: validatePriorityClassUpdate,
  }),
  "runtimeclasses.node.k8s.io": strategyFor<RuntimeClass>({
    columns: runtimeClassColumns,
    validate: validateRuntimeClass,
    validateUpdate: validateRuntimeClassUpdate,
  }),
  "leases.coordination.k8s.io": strategyFor<Lease>({
    allowCreateOnUpdate: true,
    columns: leaseColumns,
    validate: validateLease,
    validateUpdate: validateLease,
  }),
};
