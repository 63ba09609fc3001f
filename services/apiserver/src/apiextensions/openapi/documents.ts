import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { PublishedVersion } from "../custom-resources/custom-resources.ts";
import { customDefinitionName, type Dialect, kindDefinition, listDefinition, sharedTexts } from "./definition.ts";
import { customPaths, v2Paths, v3Paths } from "./paths.ts";
import type { Json } from "./published-schema.ts";

/** What custom versions add to a document: the definitions of their kinds, and paths. */
function additions(versions: readonly PublishedVersion[], dialect: Dialect): { definitions: Json; paths: Json } {
  const definitions: Json = {};
  const paths: Json = {};
  for (const { info, schema } of versions) {
    const { group, version, kind, listKind } = info;
    const names = {
      kind: customDefinitionName(group, version, kind),
      list: customDefinitionName(group, version, listKind),
    };
    definitions[names.kind] = kindDefinition(schema(), { group, version, kind }, dialect);
    definitions[names.list] = listDefinition(names.kind, { group, version, kind: listKind }, dialect);
    Object.assign(paths, customPaths(info, names, dialect.version === 2 ? v2Paths : v3Paths));
  }
  return { definitions, paths };
}

/** A v2 document with custom resources in it. Definitions may be many and large: others get their turn in between. */
export async function withCustomV2(document: Json, versions: readonly PublishedVersion[]): Promise<Json> {
  const [definitions, paths] = [document["definitions"] as Json, document["paths"] as Json].map((one) => ({ ...one }));
  const dialect: Dialect = { version: 2, refPrefix: "#/definitions/", texts: sharedTexts(definitions ?? {}) };
  for (const version of versions) {
    const added = additions([version], dialect);
    Object.assign(definitions ?? {}, added.definitions);
    Object.assign(paths ?? {}, added.paths);
    await setImmediate();
  }
  return { ...document, paths, definitions };
}

/** A group version's v3 document with its custom resources; `base` is any document that has the types all kinds share. */
export function withCustomV3(base: Json, versions: readonly PublishedVersion[], keepsBase: boolean): Json {
  const components = base["components"] as { schemas: Json };
  const dialect: Dialect = {
    version: 3,
    refPrefix: "#/components/schemas/",
    texts: sharedTexts(components.schemas),
  };
  const { definitions, paths } = additions(versions, dialect);
  const shared = Object.entries(components.schemas).filter(
    ([name]) => keepsBase || name.startsWith("io.k8s.apimachinery.pkg."),
  );
  return {
    ...base,
    paths: { ...(keepsBase ? (base["paths"] as Json) : {}), ...paths },
    components: { ...components, schemas: { ...Object.fromEntries(shared), ...definitions } },
  };
}

/**
 * What stands for the documents that these versions are part of: another text whenever one of them changes, the same at every server, and
 * made without making the documents.
 */
export function documentHash(versions: readonly PublishedVersion[], builtWith: string): string {
  const identities = versions.map(({ identity }) => identity).sort();
  return createHash("sha512")
    .update(JSON.stringify([builtWith, ...identities]))
    .digest("hex")
    .slice(0, 64)
    .toUpperCase();
}
