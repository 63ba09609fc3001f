export {
  createFieldSelector,
  escapeFieldValue,
  everyField,
  type FieldReader,
  type FieldRequirement,
  type FieldSelector,
  parseFieldSelector,
} from "./field-selector.ts";
export {
  createSelector,
  everything,
  type LabelSelector,
  type LabelSelectorLike,
  type LabelSelectorRequirementLike,
  labelSelectorAsSelector,
  nothing,
  selectorFromLabels,
} from "./label-selector.ts";
export { parseLabelSelector } from "./parse-label-selector.ts";
export {
  formatRequirement,
  type Labels,
  type Requirement,
  requirementErrors,
  type SelectorOperator,
} from "./requirement.ts";
