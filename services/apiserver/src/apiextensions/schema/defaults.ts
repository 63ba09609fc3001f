import { anything, childOf, isMap, itemsOf, type Schema, setOwn } from "./structure.ts";

/** Fills in what the schema says of absent fields, and drops nulls where null is no value, in place. */
export function setSchemaDefaults(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items) for (const item of value) setSchemaDefaults(item, items);
    return;
  }
  if (!isMap(value)) return;
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const isMissing = !Object.hasOwn(value, name) || (value[name] === null && child.nullable !== true);
    if (child.default !== undefined && isMissing) setOwn(value, name, structuredClone(child.default));
  }
  for (const name of Object.keys(value)) {
    const child = childOf(schema, name);
    if (!child) continue;
    if (value[name] === null && child.nullable !== true && child !== anything) delete value[name];
    else setSchemaDefaults(value[name], child);
  }
}
