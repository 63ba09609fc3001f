export * from "./generated/index.ts";
export type { KubeList, KubeObject } from "./object.ts";
