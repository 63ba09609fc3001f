export { type Amounts, addAmounts } from "./amounts.ts";
export { type Charge, chargeFor, type Write } from "./charge.ts";
export { resourceCountedBy } from "./names.ts";
export { type PodTotals, podTotals } from "./pod-totals.ts";
export { isPodCounted } from "./pods.ts";
export { recalculate } from "./recalculate.ts";
export { isInScope } from "./scopes.ts";
export { totalUsage } from "./total.ts";
export { countName, usageOf } from "./usage.ts";
