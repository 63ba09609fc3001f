import { isJsonObject, isList, type JsonObject } from "@tskube/apimachinery";

/** Reads what an extension server says of one group's version, in either form; keeps only what is well-formed. */

/** The entries of a version in an APIGroupDiscoveryList; undefined when it is none or does not have the version. */
export function versionOf(document: unknown, group: string, version: string): readonly JsonObject[] | undefined {
  if (!isJsonObject(document) || document["kind"] !== "APIGroupDiscoveryList") return undefined;
  const groups = objects(document["items"]).filter(
    ({ metadata }) => isJsonObject(metadata) && metadata["name"] === group,
  );
  const found = groups.flatMap(({ versions }) => objects(versions)).find((one) => one["version"] === version);
  return (
    found &&
    objects(found["resources"])
      .filter((entry) => text(entry["resource"]) !== "")
      .map(cleanEntry)
  );
}

/** An APIResourceList as the entries that it stands for; undefined when it is none. */
export function entriesOf(document: unknown, group: string, version: string): readonly JsonObject[] | undefined {
  if (!isJsonObject(document) || document["kind"] !== "APIResourceList") return undefined;
  const listed = objects(document["resources"]).filter(({ name }) => text(name) !== "");
  const kindOf = (entry: JsonObject) => ({
    group: text(entry["group"]) || group,
    version: text(entry["version"]) || version,
    kind: text(entry["kind"]),
  });
  const subresources = (name: string) =>
    listed
      .filter((entry) => text(entry["name"]).startsWith(`${name}/`))
      .map((entry) => ({
        subresource: text(entry["name"]).slice(name.length + 1),
        responseKind: kindOf(entry),
        verbs: texts(entry["verbs"]),
      }));
  return listed
    .filter((entry) => !text(entry["name"]).includes("/"))
    .map((entry) =>
      cleanEntry({
        resource: entry["name"],
        responseKind: kindOf(entry),
        scope: entry["namespaced"] === true ? "Namespaced" : "Cluster",
        singularResource: entry["singularName"],
        verbs: entry["verbs"],
        shortNames: entry["shortNames"],
        categories: entry["categories"],
        subresources: subresources(text(entry["name"])),
      }),
    );
}

function cleanEntry(entry: JsonObject): JsonObject {
  const [shortNames, categories] = [texts(entry["shortNames"]), texts(entry["categories"])];
  const subresources = objects(entry["subresources"]).map((one) => ({
    subresource: text(one["subresource"]),
    responseKind: cleanKind(one["responseKind"]),
    verbs: texts(one["verbs"]),
  }));
  return {
    resource: text(entry["resource"]),
    responseKind: cleanKind(entry["responseKind"]),
    scope: entry["scope"] === "Namespaced" ? "Namespaced" : "Cluster",
    singularResource: text(entry["singularResource"]),
    verbs: texts(entry["verbs"]),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function cleanKind(value: unknown): JsonObject {
  const { group, version, kind } = isJsonObject(value) ? value : ({} as JsonObject);
  return { group: text(group), version: text(version), kind: text(kind) };
}

function objects(value: unknown): JsonObject[] {
  return isList(value) ? value.filter(isJsonObject) : [];
}

function texts(value: unknown): string[] {
  return isList(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
