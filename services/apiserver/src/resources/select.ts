import type { Entry } from "../watch-cache/entry.ts";
import type { WatchFilter } from "../watch-cache/watch-group.ts";
import type { ListOptions } from "./list-options.ts";

/** Whether an object is one that the selectors ask for; undefined when they ask for all. */
export function selection({ labels, fields }: ListOptions): ((entry: Entry) => boolean) | undefined {
  if (labels.isEmpty && fields.isEmpty) return undefined;
  return (entry) =>
    (labels.isEmpty || labels.matches(entry.labels)) &&
    (fields.isEmpty || fields.matches((field) => entry.fields[field]));
}

/** Which objects of a namespace (or of all) a watch sees, in the form that lets watches of the same kind share their work. */
export function watchFilter(
  namespace: string,
  name: string,
  options: ListOptions,
  indexedFields: readonly string[],
): WatchFilter {
  const select = selection(options);
  const matches = (entry: Entry) =>
    (namespace === "" || entry.namespace === namespace) &&
    (name === "" || entry.name === name) &&
    (select === undefined || select(entry));
  const key = JSON.stringify([namespace, name, options.labels.toString(), options.fields.toString()]);
  const trigger = triggerOf(name || options.fields.exactValue("metadata.name") || "", options, indexedFields);
  return { key, matches, ...(trigger && { trigger }) };
}

function triggerOf(name: string, options: ListOptions, indexedFields: readonly string[]) {
  if (name !== "") return { field: "metadata.name", value: name };
  for (const field of indexedFields) {
    const value = options.fields.exactValue(field);
    if (value !== undefined && value !== "") return { field, value };
  }
  return undefined;
}
