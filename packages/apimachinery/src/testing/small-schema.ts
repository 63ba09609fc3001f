import type { FieldSchema, SchemaResolver, TypeRef, TypeSchema } from "../schema.ts";

/** A schema small enough to be read at a glance, with one of everything that merges in its own way. For tests. */

const text: TypeRef = { is: "scalar", scalar: "string" };
const number: TypeRef = { is: "scalar", scalar: "int32" };
const struct = (name: string): TypeRef => ({ is: "struct", name });
const list = (items: TypeRef): TypeRef => ({ is: "list", items });
const map = (values: TypeRef): TypeRef => ({ is: "map", values });

let proto = 1;
const field = (name: string, type: TypeRef, more: Partial<FieldSchema> = {}): FieldSchema => ({
  name,
  type,
  proto: proto++,
  omitEmpty: true,
  ...more,
});
const keyed = (mergeKey: string, ...listMapKeys: string[]): Partial<FieldSchema> => ({
  patchStrategy: ["merge"],
  patchMergeKey: mergeKey,
  listType: "map",
  listMapKeys: [mergeKey, ...listMapKeys],
});

const types: readonly TypeSchema[] = [
  {
    name: "Thing",
    fields: [field("metadata", struct("Meta")), field("spec", struct("Spec")), field("status", struct("Status"))],
  },
  {
    name: "Meta",
    fields: [
      ...["name", "namespace", "uid", "resourceVersion", "creationTimestamp"].map((name) => field(name, text)),
      field("labels", map(text)),
      field("annotations", map(text)),
      field("finalizers", list(text), { patchStrategy: ["merge"], listType: "set" }),
      field("managedFields", list({ is: "scalar", scalar: "JSON" })),
    ],
  },
  {
    name: "Spec",
    fields: [
      field("replicas", number, { pointer: true }),
      field("paused", { is: "scalar", scalar: "bool" }),
      field("containers", list(struct("Container")), keyed("name")),
      field("args", list(text), { listType: "atomic" }),
      field("selector", map(text), { mapType: "atomic", pointer: true }),
      field("strategy", struct("Strategy"), { patchStrategy: ["retainKeys"] }),
      field("limits", struct("Limits"), { pointer: true }),
      field("free", struct("Free"), { pointer: true }),
      field("common", struct("Common"), { inline: true }),
    ],
  },
  { name: "Common", fields: [field("node", text)] },
  {
    name: "Container",
    fields: [
      field("name", text),
      field("image", text),
      field("ports", list(struct("Port")), keyed("port", "protocol")),
    ],
  },
  {
    name: "Port",
    fields: [field("port", number), field("protocol", text, { default: "TCP" }), field("title", text)],
  },
  { name: "Strategy", fields: [field("type", text), field("rolling", map(number))] },
  { name: "Limits", structType: "atomic", fields: [field("cpu", text), field("memory", text)] },
  { name: "Free", preserveUnknown: true, fields: [field("known", text)] },
  { name: "Status", fields: [field("phase", text), field("ready", number)] },
];

const byName = new Map(types.map((type) => [type.name, type]));

export const smallSchema: SchemaResolver = (name) => {
  const type = byName.get(name);
  if (!type) throw new Error(`no type ${name}`);
  return type;
};
