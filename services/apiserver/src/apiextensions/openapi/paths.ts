import type { ResourceInfo } from "@tskube/api";
import type { Json } from "./published-schema.ts";

/** Writes the parts of operations that differ between the generations of the format. */
export interface PathDialect {
  query(name: string, type: string): Json;
  path(name: string): Json;
  body(ref: string | undefined): Json;
  answer(ref: string): Json;
}

const types = ["application/json", "application/yaml"];

export const v2Paths: PathDialect = {
  query: (name, type) => ({ name, in: "query", type, uniqueItems: true }),
  path: (name) => ({ name, in: "path", type: "string", required: true, uniqueItems: true }),
  body: (ref) => {
    const schema = ref === undefined ? { type: "object" } : { $ref: `#/definitions/${ref}` };
    return { consumes: ["*/*"], parameters: [{ name: "body", in: "body", required: true, schema }] };
  },
  answer: (ref) => ({
    produces: types,
    schemes: ["https"],
    responses: {
      "200": { description: "OK", schema: { $ref: `#/definitions/${ref}` } },
      "401": { description: "Unauthorized" },
    },
  }),
};

export const v3Paths: PathDialect = {
  query: (name, type) => ({ name, in: "query", schema: { type, uniqueItems: true } }),
  path: (name) => ({ name, in: "path", required: true, schema: { type: "string", uniqueItems: true } }),
  body: (ref) => {
    const schema = ref === undefined ? { type: "object" } : { $ref: `#/components/schemas/${ref}` };
    return { requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) } };
  },
  answer: (ref) => {
    const content = Object.fromEntries(
      types.map((type) => [type, { schema: { $ref: `#/components/schemas/${ref}` } }]),
    );
    return { responses: { "200": { description: "OK", content }, "401": { description: "Unauthorized" } } };
  },
};

const writeQueries = ["dryRun", "fieldManager", "fieldValidation"];
const listQueries = ["continue", "fieldSelector", "labelSelector", "resourceVersion", "resourceVersionMatch"];

/** The paths of one custom resource, as clients look up what a kind's requests take. */
export function customPaths(
  info: ResourceInfo,
  names: { readonly kind: string; readonly list: string },
  dialect: PathDialect,
): Json {
  const base = `/apis/${info.group}/${info.version}`;
  const scope = info.namespaced ? "/namespaces/{namespace}" : "";
  const scoped = info.namespaced ? [dialect.path("namespace")] : [];
  const operation = operationMaker(info, dialect);
  const { kind, list } = names;
  const collection: Json = {
    get: operation("list", "list", { answer: list, queries: listQueries }),
    post: operation("post", "create", { answer: kind, body: kind, queries: writeQueries }),
    delete: operation("deletecollection", "deleteCollection", { answer: status, queries: listQueries }),
    parameters: scoped,
  };
  const change = (suffix = "") => ({
    get: operation("get", "read", { answer: kind, suffix }),
    put: operation("put", "replace", { answer: kind, body: kind, queries: writeQueries, suffix }),
    patch: operation("patch", "patch", { answer: kind, body: "", queries: [...writeQueries, "force"], suffix }),
  });
  const object: Json = {
    ...change(),
    delete: operation("delete", "delete", { answer: status, queries: ["dryRun", "propagationPolicy"] }),
    parameters: [dialect.path("name"), ...scoped],
  };
  const at = `${base}${scope}/${info.resource}`;
  const paths: Json = { [at]: collection, [`${at}/{name}`]: object };
  for (const { name } of info.subresources) {
    if (name === "status") paths[`${at}/{name}/status`] = { ...change("Status"), parameters: object["parameters"] };
  }
  if (info.namespaced) {
    const suffix = "ForAllNamespaces";
    paths[`${base}/${info.resource}`] = {
      get: operation("list", "list", { answer: list, queries: listQueries, suffix }),
    };
  }
  return paths;
}

const status = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

interface Details {
  readonly answer: string;
  /** The definition of the body; empty for a patch, whose schema is open. */
  readonly body?: string;
  readonly queries?: readonly string[];
  readonly suffix?: string;
}

function operationMaker(info: ResourceInfo, dialect: PathDialect) {
  const { group, version, kind } = info;
  const id = [...group.split("."), version].map(capitalized).join("");
  return (action: string, verb: string, { answer, body, queries = [], suffix = "" }: Details): Json => {
    const scope = info.namespaced && suffix !== "ForAllNamespaces" ? "Namespaced" : "";
    const taken = body === undefined ? {} : dialect.body(body === "" ? undefined : body);
    const { parameters = [], ...rest } = taken as { parameters?: Json[] };
    const booleans = new Set(["force"]);
    return {
      operationId: `${verb}${id}${scope}${kind}${suffix}`,
      tags: [`${[...group.split(".")].map(capitalized).join("")}_${version}`],
      description: `${action} ${kind}`,
      parameters: [
        ...parameters,
        ...queries.map((name) => dialect.query(name, booleans.has(name) ? "boolean" : "string")),
      ],
      ...rest,
      ...dialect.answer(answer),
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": { group, kind, version },
    };
  };
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
