import type { apiextensionsV1, KubeObject, ResourceInfo, SubresourceInfo, Verb } from "@tskube/api";
import { formatGroupVersion, type SchemaResolver } from "@tskube/apimachinery";
import { createValidator, type ObjectValidator } from "../schema/object-validator.ts";
import { anything, type Schema } from "../schema/structure.ts";
import { type CustomTypes, customTypes } from "../schema/type-schemas.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Version = apiextensionsV1.CustomResourceDefinitionVersion;

/** What is known of a version without its schema, which may be large: enough to route requests and to be found by discovery. */
export interface VersionSummary {
  readonly info: ResourceInfo;
  readonly apiVersion: string;
  readonly isServed: boolean;
  readonly isStored: boolean;
  /** What clients of a deprecated version are told. */
  readonly warning: string | undefined;
  /** Another one for every change of what is served. */
  readonly identity: string;
}

/** A version of a custom resource with all that is made of its definition once. */
export interface CustomVersion {
  readonly info: ResourceInfo;
  readonly apiVersion: string;
  readonly version: Version;
  readonly schema: Schema;
  readonly typeName: string;
  readonly resolve: SchemaResolver;
  readonly validator: ObjectValidator;
  readonly hasStatus: boolean;
}

/** In the order of discovery. */
const verbs: readonly Verb[] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const changeVerbs: readonly Verb[] = ["get", "patch", "update"];

export function summarize(definition: Definition, version: Version): VersionSummary {
  const info = customResourceInfo(definition, version);
  const { uid, generation } = definition.metadata;
  const apiVersion = formatGroupVersion(info);
  return {
    info,
    apiVersion,
    isServed: version.served,
    isStored: version.storage,
    warning: version.deprecated
      ? (version.deprecationWarning ?? `${apiVersion} ${info.kind} is deprecated`)
      : undefined,
    identity: `${uid}/${generation}/${apiVersion}/${info.resource}/${info.kind}`,
  };
}

export function customVersion(definition: Definition, version: Version): CustomVersion {
  const info = customResourceInfo(definition, version);
  const apiVersion = formatGroupVersion(info);
  const schema = schemaOfVersion(definition, version);
  const typeName = `${apiVersion}.${info.kind}`;
  let types: CustomTypes | undefined;
  return {
    info,
    apiVersion,
    version,
    schema,
    typeName,
    resolve(name) {
      types ??= customTypes(typeName, schema);
      return types.resolve(name);
    },
    validator: createValidator(schema),
    hasStatus: version.subresources?.status !== undefined,
  };
}

/** The schema that objects are held to: a version without one, or of a definition that prunes nothing, takes any object. */
export function schemaOfVersion({ spec }: Definition, version: Version): Schema {
  const given = version.schema?.openAPIV3Schema;
  const keepsAll = spec.preserveUnknownFields === true || given === undefined;
  return keepsAll ? { ...given, ...anything, type: "object" } : given;
}

/** What discovery and routing know of a version; names are those that were accepted. */
export function customResourceInfo(definition: Definition, version: Version): ResourceInfo {
  const { spec, status } = definition;
  const names = status?.acceptedNames.plural ? status.acceptedNames : spec.names;
  const at = { group: spec.group, version: version.name };
  const subresources: SubresourceInfo[] = [];
  if (version.subresources?.scale) {
    const kind = { group: "autoscaling", version: "v1", kind: "Scale" };
    subresources.push({ name: "scale", kind, verbs: changeVerbs });
  }
  if (version.subresources?.status) {
    subresources.push({ name: "status", kind: { ...at, kind: names.kind }, verbs: changeVerbs });
  }
  const stored = spec.versions.find((one) => one.storage) ?? version;
  return {
    ...at,
    resource: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind || `${names.kind}List`,
    namespaced: spec.scope === "Namespaced",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    subresources,
    storage: { group: spec.group, version: stored.name },
    servedByDefault: true,
  };
}

/** A custom object: whatever its schema says. */
export type CustomObject = KubeObject & Record<string, unknown>;
