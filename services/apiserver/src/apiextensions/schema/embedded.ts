import {
  dns1123SubdomainErrors,
  type FieldError,
  field,
  type ObjectMetaLike,
  validateAnnotations,
  validateLabels,
} from "@tskube/apimachinery";
import { type At, childAt, indexAt } from "./path-at.ts";
import { childOf, isEmbeddedResource, isMap, itemsOf, type JsonMap, type Schema } from "./structure.ts";

/** What is wrong with the kinds, versions and metadata of resources inside an object. */
export function embeddedErrors(value: unknown, schema: Schema, at?: At): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? value.flatMap((item, index) => embeddedErrors(item, items, indexAt(at, index))) : [];
  }
  if (!isMap(value)) return [];
  const own = isEmbeddedResource(schema) ? resourceErrors(value, at) : [];
  const below = Object.entries(value).flatMap(([name, item]) => {
    const child = childOf(schema, name);
    return child ? embeddedErrors(item, child, childAt(at, name)) : [];
  });
  return [...own, ...below];
}

function resourceErrors(resource: JsonMap, at: At): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["apiVersion", "kind"]) {
    if (!resource[name]) errors.push(field.required(childAt(at, name), "must not be empty"));
  }
  const metadata = resource["metadata"] as ObjectMetaLike | undefined;
  if (!isMap(metadata)) return errors;
  const path = childAt(at, "metadata");
  const { name, labels, annotations } = metadata as ObjectMetaLike;
  if (name) errors.push(...dns1123SubdomainErrors(name).map((text) => field.invalid(path.child("name"), name, text)));
  if (labels) errors.push(...validateLabels(labels, path.child("labels")));
  if (annotations) errors.push(...validateAnnotations(annotations, path.child("annotations")));
  return errors;
}
