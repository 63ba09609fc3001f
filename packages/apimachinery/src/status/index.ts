export * from "./constructors.ts";
export * from "./questions.ts";
export { isKnownReason, reasonCodes, type StatusReason } from "./reasons.ts";
export type { Status, StatusCause, StatusDetails, StatusListMeta } from "./status.ts";
export { findStatusError, StatusError } from "./status-error.ts";
