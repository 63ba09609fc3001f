import type { FlowSchema, PriorityLevelConfiguration } from "@tskube/api";
import { everything, flowSchema, groups, priorityLevel } from "./builders.ts";

/** What flow control cannot do without: a level that is never held up, and one for whatever nothing else matches. */
export const mandatoryPriorityLevels: readonly PriorityLevelConfiguration[] = [
  priorityLevel("exempt", { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
  priorityLevel("catch-all", {
    type: "Limited",
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } },
  }),
];

export const mandatoryFlowSchemas: readonly FlowSchema[] = [
  flowSchema("exempt", { level: "exempt", precedence: 1, rules: [everything(groups("system:masters"))] }),
  flowSchema("catch-all", {
    level: "catch-all",
    precedence: 10_000,
    distinguisher: "ByUser",
    rules: [everything(groups("system:unauthenticated", "system:authenticated"))],
  }),
];
