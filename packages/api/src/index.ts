export * from "./codec/json/index.ts";
export * from "./codec/protobuf/index.ts";
export { setDefaults } from "./defaults/index.ts";
export * from "./generated/index.ts";
export type { KubeList, KubeObject } from "./object.ts";
export * from "./openapi/index.ts";
export * from "./resources/index.ts";
export { type ApiFieldSchema, type ApiTypeSchema, gvkOfType, schemaOf, typeNameOf, typeNames } from "./schema/index.ts";
