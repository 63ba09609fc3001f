import type { apiextensionsV1 } from "@tskube/api";

/** One node of a structural schema, as a CustomResourceDefinition writes it. */
export type Schema = apiextensionsV1.JSONSchemaProps;

export type JsonMap = Record<string, unknown>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keeps whatever stands below it. */
export const anything: Schema = Object.freeze({ "x-kubernetes-preserve-unknown-fields": true });

/** Adds an entry as an own property whatever its name, `__proto__` too. */
export function setOwn(target: JsonMap, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

export function ownProperty(schema: Schema, name: string): Schema | undefined {
  const { properties } = schema;
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of a list's items. */
export function itemsOf({ items }: Schema): Schema | undefined {
  return Array.isArray(items) ? undefined : items;
}

/** The schema of a map's values; undefined where unknown names are not allowed. */
export function valuesOf({ additionalProperties }: Schema): Schema | undefined {
  if (additionalProperties === true) return anything;
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** The schema of what stands under `name`; undefined where nothing is known of it. */
export function childOf(schema: Schema, name: string): Schema | undefined {
  return ownProperty(schema, name) ?? valuesOf(schema);
}

export function keepsUnknown(schema: Schema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

export function isIntOrString(schema: Schema): boolean {
  return schema["x-kubernetes-int-or-string"] === true;
}

export function isEmbeddedResource(schema: Schema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

/** The names that every object has, whether its schema lists them or not. */
export const objectFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);
