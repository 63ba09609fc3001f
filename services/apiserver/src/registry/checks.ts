import type { KubeObject, ObjectMeta, ResourceInfo } from "@tskube/api";
import {
  dns1123SubdomainErrors,
  type FieldError,
  type ObjectMetaLike,
  Path,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from "@tskube/apimachinery";
import type { Strategy, UpdateRules } from "./strategy.ts";

const metadataPath = Path.of("metadata");

/** What is wrong with an object to be created. */
export function createErrors(object: KubeObject, info: ResourceInfo, strategy: Strategy): FieldError[] {
  const nameErrors = strategy.validateName ?? dns1123SubdomainErrors;
  const rules = { isNamespaced: info.namespaced, nameErrors: (name: string) => [...nameErrors(name)] };
  return [...validateObjectMeta(meta(object.metadata), rules, metadataPath), ...(strategy.validate?.(object) ?? [])];
}

/** What is wrong with a change. */
export function updateErrors(object: KubeObject, old: KubeObject, rules: UpdateRules<KubeObject>): FieldError[] {
  const errors = validateObjectMetaUpdate(meta(object.metadata), meta(old.metadata), metadataPath);
  return [...errors, ...(rules.validateUpdate?.(object, old) ?? [])];
}

/** The generated type lets fields be present and undefined, which nothing here distinguishes from absent. */
function meta(metadata: ObjectMeta): ObjectMetaLike {
  return metadata as ObjectMetaLike;
}
