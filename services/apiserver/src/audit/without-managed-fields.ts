import { isJsonObject } from "@tskube/apimachinery";

/** The value without the managed fields of the object that it is, of the items that it lists, and of the rows that it shows. Shares all else with `value`. */
export function withoutManagedFields(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const { metadata, items, rows } = value;
  return {
    ...value,
    ...(isJsonObject(metadata) && { metadata: { ...metadata, managedFields: undefined } }),
    ...(Array.isArray(items) && { items: items.map(withoutManagedFields) }),
    ...(Array.isArray(rows) && { rows: rows.map(rowWithout) }),
  };
}

function rowWithout(row: unknown): unknown {
  return isJsonObject(row) && "object" in row ? { ...row, object: withoutManagedFields(row["object"]) } : row;
}
