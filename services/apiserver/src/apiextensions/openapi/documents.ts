import type { CustomVersion } from "../custom-resources/version.ts";
import { customDefinitionName, type Json, kindDefinition, listDefinition } from "./definition.ts";
import { customPaths, type PathDialect } from "./paths.ts";

const v2Prefix = "#/definitions/";
const v3Prefix = "#/components/schemas/";
const types = ["application/json", "application/yaml"];

const v2: PathDialect = {
  query: (name, type) => ({ name, in: "query", type, uniqueItems: true }),
  path: (name) => ({ name, in: "path", type: "string", required: true, uniqueItems: true }),
  body: (ref) => {
    const schema = ref === undefined ? { type: "object" } : { $ref: v2Prefix + ref };
    return { consumes: ["*/*"], parameters: [{ name: "body", in: "body", required: true, schema }] };
  },
  answer: (ref) => ({
    produces: types,
    schemes: ["https"],
    responses: {
      "200": { description: "OK", schema: { $ref: v2Prefix + ref } },
      "401": { description: "Unauthorized" },
    },
  }),
};

const v3: PathDialect = {
  query: (name, type) => ({ name, in: "query", schema: { type, uniqueItems: true } }),
  path: (name) => ({ name, in: "path", required: true, schema: { type: "string", uniqueItems: true } }),
  body: (ref) => {
    const schema = ref === undefined ? { type: "object" } : { $ref: v3Prefix + ref };
    return { requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) } };
  },
  answer: (ref) => {
    const content = Object.fromEntries(types.map((type) => [type, { schema: { $ref: v3Prefix + ref } }]));
    return { responses: { "200": { description: "OK", content }, "401": { description: "Unauthorized" } } };
  },
};

/** What custom versions add to a document: the definitions of their kinds, and paths. */
function additions(versions: readonly CustomVersion[], generation: 2 | 3): { definitions: Json; paths: Json } {
  const prefix = generation === 2 ? v2Prefix : v3Prefix;
  const definitions: Json = {};
  const paths: Json = {};
  for (const { info, schema } of versions) {
    const { group, version, kind, listKind } = info;
    const names = {
      kind: customDefinitionName(group, version, kind),
      list: customDefinitionName(group, version, listKind),
    };
    definitions[names.kind] = kindDefinition(schema, { group, version, kind }, prefix, generation);
    definitions[names.list] = listDefinition(names.kind, { group, version, kind: listKind }, prefix);
    Object.assign(paths, customPaths(info, names, generation === 2 ? v2 : v3));
  }
  return { definitions, paths };
}

/** A v2 document with custom resources in it. */
export function withCustomV2(document: Json, versions: readonly CustomVersion[]): Json {
  if (versions.length === 0) return document;
  const { definitions, paths } = additions(versions, 2);
  return {
    ...document,
    paths: { ...(document["paths"] as Json), ...paths },
    definitions: { ...(document["definitions"] as Json), ...definitions },
  };
}

/** A group version's v3 document with its custom resources; `base` is any document that has the types all kinds share. */
export function withCustomV3(base: Json, versions: readonly CustomVersion[], keepsBase: boolean): Json {
  const { definitions, paths } = additions(versions, 3);
  const components = base["components"] as { schemas: Json };
  const shared = Object.entries(components.schemas).filter(
    ([name]) => keepsBase || name.startsWith("io.k8s.apimachinery.pkg."),
  );
  return {
    ...base,
    paths: { ...(keepsBase ? (base["paths"] as Json) : {}), ...paths },
    components: { ...components, schemas: { ...Object.fromEntries(shared), ...definitions } },
  };
}
