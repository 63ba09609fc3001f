export { type Admission, createAdmission } from "./create-admission.ts";
export { createExtensibleAdmission, type ExtensibleAdmission } from "./create-extensible-admission.ts";
export type { AdmissionDeps, AdmissionOptions } from "./deps.ts";
export type { AdmissionAttributes, AdmissionPlugin, Operation } from "./plugin.ts";
export { pluginList } from "./plugin-list.ts";
export { mergeAppliedIn } from "./policies/mutating/merge-applied.ts";
export { kindTypesIn } from "./policies/type-checking/kind-types.ts";
export { findResourceOfKindIn } from "./resource-of-kind.ts";
export { findVersionsIn } from "./served-version.ts";
