import { childOf, isEmbeddedResource, isMap, itemsOf, keepsUnknown, objectFields, type Schema } from "./structure.ts";

/** As many unknown fields as are told of one body. */
const maxReported = 100;

/**
 * Removes what the schema does not know, in place, and returns the paths of what went, sorted as upstream reports them. `isResource` keeps
 * apiVersion, kind and metadata at the top.
 */
export function prune(value: unknown, schema: Schema, isResource: boolean): string[] {
  const removed: string[] = [];
  visit(value, schema, isResource, "", removed);
  return removed;
}

function visit(value: unknown, schema: Schema, isResource: boolean, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? {};
    value.forEach((item, index) => {
      visit(item, items, isEmbeddedResource(items), `${path}[${index}]`, removed);
    });
    return;
  }
  if (!isMap(value)) return;
  for (const name of Object.keys(value)) {
    if (isResource && objectFields.has(name)) continue;
    const at = path === "" ? name : `${path}.${name}`;
    const child = childOf(schema, name);
    if (child) visit(value[name], child, isEmbeddedResource(child), at, removed);
    // Below an unknown field that is kept, all is kept.
    else if (!keepsUnknown(schema)) {
      delete value[name];
      if (removed.length < maxReported) removed.push(at);
    }
  }
}
