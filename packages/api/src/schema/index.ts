import type { GroupVersionKind, TypeName, TypeSchema } from "@tskube/apimachinery";
import { schemaTexts } from "../generated/schema.ts";
import { type ApiFieldSchema, parseFieldLine } from "./field-line.ts";

export type { ApiFieldSchema } from "./field-line.ts";

/** A type of the built-in API. */
export interface ApiTypeSchema extends TypeSchema {
  readonly fields: readonly ApiFieldSchema[];
  /** It bears `apiVersion` and `kind`, which stand first among the fields and have no protobuf number of their own. */
  readonly isKind: boolean;
}

interface GroupText {
  readonly group: string;
  readonly version: string;
  readonly strings: Readonly<Record<string, { readonly published?: boolean; readonly values: readonly string[] }>>;
  readonly types: Readonly<
    Record<string, { readonly kind?: boolean; readonly structType?: "atomic"; readonly fields: Record<string, string> }>
  >;
}

const groupTexts = new Map<string, GroupText>();
const types = new Map<TypeName, ApiTypeSchema>();

const typeMetaFields: readonly ApiFieldSchema[] = ["apiVersion", "kind"].map((name) => ({
  name,
  type: { is: "scalar", scalar: "string" },
  omitEmpty: true,
}));

/** Kinds of meta/v1 that every group version shares. */
const sharedKinds = new Set([
  "CreateOptions",
  "DeleteOptions",
  "GetOptions",
  "ListOptions",
  "PatchOptions",
  "UpdateOptions",
]);
/** Kinds of meta/v1 that are written under `v1`. */
const unversionedKinds = new Set(["APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "List", "Status"]);

/** Finds a built-in type's description; throws on a name that does not exist. Parsed once, on first use. */
export function schemaOf(name: TypeName): ApiTypeSchema {
  const known = types.get(name);
  if (known !== undefined) return known;
  const schema = readType(name);
  if (schema === undefined) throw new Error(`no type ${name} in the schema`);
  types.set(name, schema);
  return schema;
}

/** The type of a kind, `core/v1.Pod` for Pod in v1; undefined for what the schema does not know. */
export function typeNameOf({ group, version, kind }: GroupVersionKind): TypeName | undefined {
  if (sharedKinds.has(kind)) return `meta/v1.${kind}`;
  if (group === "" && version === "v1" && unversionedKinds.has(kind)) return `meta/v1.${kind}`;
  const groupVersion = `${folderOf(group)}/${version}`;
  return groupText(groupVersion)?.types[kind]?.kind ? `${groupVersion}.${kind}` : undefined;
}

/** Names of all types of a group version (`core/v1`), or of every group version. */
export function typeNames(groupVersion?: string): TypeName[] {
  const groupVersions = groupVersion === undefined ? Object.keys(schemaTexts) : [groupVersion];
  return groupVersions.flatMap((name) => Object.keys(groupText(name)?.types ?? {}).map((type) => `${name}.${type}`));
}

/** The kind a type describes, as its objects write it; undefined for what is no kind. */
export function gvkOfType(name: TypeName): GroupVersionKind | undefined {
  const { groupVersion, local } = split(name);
  const text = groupText(groupVersion);
  if (!text?.types[local]?.kind) return undefined;
  const isUnversioned = groupVersion === "meta/v1" && unversionedKinds.has(local);
  return { group: isUnversioned ? "" : text.group, version: text.version, kind: local };
}

function readType(name: TypeName): ApiTypeSchema | undefined {
  const { groupVersion, local } = split(name);
  const type = groupText(groupVersion)?.types[local];
  if (type === undefined) return undefined;
  const own = Object.entries(type.fields).map(([field, line]) => withEnum(parseFieldLine(field, line, groupVersion)));
  return {
    name,
    fields: type.kind ? [...typeMetaFields, ...own] : own,
    isKind: type.kind === true,
    ...(type.structType ? { structType: type.structType } : {}),
  };
}

/** Adds the values of a text type that upstream publishes as closed. */
function withEnum(field: ApiFieldSchema): ApiFieldSchema {
  if (field.alias === undefined) return field;
  const { groupVersion, local } = split(field.alias);
  const string = schemaTexts[groupVersion] === undefined ? undefined : groupText(groupVersion)?.strings[local];
  return string?.published ? { ...field, enum: string.values } : field;
}

function groupText(groupVersion: string): GroupText | undefined {
  const known = groupTexts.get(groupVersion);
  const text = schemaTexts[groupVersion];
  if (known !== undefined || text === undefined) return known;
  const parsed = JSON.parse(text) as GroupText;
  groupTexts.set(groupVersion, parsed);
  return parsed;
}

function split(name: TypeName): { groupVersion: string; local: string } {
  const dot = name.lastIndexOf(".");
  return { groupVersion: name.slice(0, dot), local: name.slice(dot + 1) };
}

function folderOf(group: string): string {
  return group === "" ? "core" : group === "meta.k8s.io" ? "meta" : group;
}
