export * from "./addresses.ts";
export { validateConditions } from "./conditions.ts";
export { aggregateMessage, type FieldError, type FieldErrorType, fieldErrorMessage } from "./field-error.ts";
export * from "./labels.ts";
export * from "./names.ts";
export * from "./object-meta.ts";
export { Path } from "./path.ts";
export * from "./texts.ts";
export * from "./wording.ts";
