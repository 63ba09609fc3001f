import type { FlowSchema, PriorityLevelConfiguration } from "@tskube/api";
import type { Strategy } from "../../registry/strategy.ts";
import { flowSchemaColumns, priorityLevelColumns } from "./columns.ts";
import { validateFlowConditions } from "./validate-conditions.ts";
import { validateFlowSchema } from "./validate-flow-schema.ts";
import { validatePriorityLevel } from "./validate-priority-level.ts";

export const flowSchemas: Strategy<FlowSchema> = {
  hasGeneration: true,
  columns: flowSchemaColumns,
  validate: validateFlowSchema,
  validateUpdate: validateFlowSchema,
  status: { validateUpdate: ({ status }) => validateFlowConditions(status?.conditions) },
};

export const priorityLevels: Strategy<PriorityLevelConfiguration> = {
  hasGeneration: true,
  columns: priorityLevelColumns,
  validate: validatePriorityLevel,
  validateUpdate: validatePriorityLevel,
  status: { validateUpdate: ({ status }) => validateFlowConditions(status?.conditions) },
};
