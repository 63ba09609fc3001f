export { type Applier, applyObject } from "./apply.ts";
export { extractFieldSet } from "./extract.ts";
export {
  difference,
  emptySet,
  type FieldSet,
  forEachPath,
  hasPath,
  intersection,
  isEmptySet,
  leaves,
  recursiveDifference,
  serializeFieldSet,
  setOfPaths,
  union,
} from "./field-set.ts";
export { lastAppliedAnnotation } from "./last-applied.ts";
export { maxUpdateManagers } from "./managers.ts";
export { parseFieldSet } from "./parse-field-set.ts";
export { formatFieldPath } from "./path-text.ts";
export type { FieldManagementScope, VersionedObject } from "./scope.ts";
export { updateManagedFields, type Writer } from "./update.ts";
