import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiFieldSchema, parseFieldLine } from "../../packages/api/src/schema/field-line.ts";

/** A group version's schema as the generators use it. */
export interface GroupSchema {
  /** `core/v1`, `apps/v1`: the prefix of its type names. */
  readonly groupVersion: string;
  /** What `apiVersion` says: `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly folder: string;
  readonly version: string;
  readonly strings: Readonly<Record<string, { published?: boolean; values: string[] }>>;
  readonly types: readonly SchemaType[];
  /** The file's own text, for the runtime. */
  readonly raw: unknown;
}

export interface SchemaType {
  readonly name: string;
  readonly isKind: boolean;
  readonly fields: readonly ApiFieldSchema[];
}

/** A schema file as it is parsed. */
export interface SchemaFile {
  group: string;
  version: string;
  strings: GroupSchema["strings"];
  types: Record<string, { kind?: boolean; fields: Record<string, string> }>;
}

/** All schemas of a folder, in the order in which they claim short names: stable and often used ones first. */
export function readSchemas(folder: string): GroupSchema[] {
  return schemasFrom(
    readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as SchemaFile),
  );
}

export function schemasFrom(files: readonly SchemaFile[]): GroupSchema[] {
  return files.map(readSchema).sort((a, b) => rank(a) - rank(b) || a.groupVersion.localeCompare(b.groupVersion));
}

function readSchema(file: SchemaFile): GroupSchema {
  const folder = { "": "core", "meta.k8s.io": "meta" }[file.group] ?? file.group;
  const groupVersion = `${folder}/${file.version}`;
  return {
    groupVersion,
    apiVersion: file.group === "" ? file.version : `${file.group}/${file.version}`,
    folder,
    version: file.version,
    strings: file.strings,
    types: Object.entries(file.types).map(([name, type]) => ({
      name,
      isKind: type.kind === true,
      fields: Object.entries(type.fields).map(([field, line]) => parseFieldLine(field, line, groupVersion)),
    })),
    raw: file,
  };
}

const firstGroups = ["meta/v1", "core/v1", "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1", "autoscaling/v2"];

function rank(schema: GroupSchema): number {
  const named = firstGroups.indexOf(schema.groupVersion);
  if (named >= 0) return named;
  const stability = /alpha/.test(schema.version) ? 300 : /beta/.test(schema.version) ? 200 : 100;
  return stability;
}
