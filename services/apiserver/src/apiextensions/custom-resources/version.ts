import type { apiextensionsV1, KubeObject, ResourceInfo, SubresourceInfo, Verb } from "@tskube/api";
import { formatGroupVersion, type SchemaResolver } from "@tskube/apimachinery";
import { createValidator, type ObjectValidator } from "../schema/object-validator.ts";
import { anything, type Schema } from "../schema/structure.ts";
import { customTypes } from "../schema/type-schemas.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Version = apiextensionsV1.CustomResourceDefinitionVersion;

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
  /** Another one for every change of what is served. */
  readonly identity: string;
}

/** In the order of discovery. */
const verbs: readonly Verb[] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const changeVerbs: readonly Verb[] = ["get", "patch", "update"];

export function customVersion(definition: Definition, version: Version): CustomVersion {
  const info = customResourceInfo(definition, version);
  const apiVersion = formatGroupVersion(info);
  const given = version.schema?.openAPIV3Schema;
  const keepsAll = definition.spec.preserveUnknownFields === true || given === undefined;
  const schema = keepsAll ? { ...given, ...anything, type: "object" } : given;
  const { root, resolve } = customTypes(`${apiVersion}.${info.kind}`, schema);
  return {
    info,
    apiVersion,
    version,
    schema,
    typeName: root,
    resolve,
    validator: createValidator(schema),
    hasStatus: version.subresources?.status !== undefined,
    identity: `${definition.metadata.uid}/${definition.metadata.generation}/${apiVersion}/${info.resource}/${info.kind}`,
  };
}

export function storageVersion({ spec }: Definition): Version {
  const found = spec.versions.find((version) => version.storage);
  if (!found) throw new Error("a definition that passed validation has a storage version");
  return found;
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
    storage: { group: spec.group, version: storageVersion(definition).name },
    servedByDefault: true,
  };
}

/** A custom object: whatever its schema says. */
export type CustomObject = KubeObject & Record<string, unknown>;
