export { applyJsonPatch, maxJsonPatchOperations } from "./json-patch.ts";
export { escapePointerStep, parsePointer } from "./json-pointer.ts";
export { applyMergePatch } from "./merge-patch.ts";
export { applyStrategicMergePatch } from "./strategic-merge.ts";
