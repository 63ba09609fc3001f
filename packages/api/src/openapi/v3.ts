import type { GroupVersion } from "@tskube/apimachinery";
import { resources } from "../resources/index.ts";
import type { Descriptions } from "./descriptions.ts";
import { isPatch, type Operation, type Path, pathsOf } from "./operations.ts";
import type { Parameter } from "./parameters.ts";
import { Definitions, type Json } from "./schemas.ts";

const answerTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const patchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

/** The OpenAPI v3 document of a group version; undefined for one that is not built in. */
export function openapiV3(gv: GroupVersion, info: Json, descriptions: Descriptions = {}): Json | undefined {
  const version = resources.groupVersion(gv);
  if (version === undefined) return undefined;
  const definitions = new Definitions({ version: 3, refPrefix: "#/components/schemas/", descriptions });
  for (const resource of version.resources) {
    // Kinds that no path speaks of still belong to the document: clients look them up by kind.
    for (const type of ["meta/v1.Status", "meta/v1.WatchEvent"]) if (resource.listKind) definitions.ref(type);
  }
  const paths = pathsOf(version).map((path): [string, Json] => [path.path, pathItem(path, definitions)]);
  return {
    openapi: "3.0.0",
    info,
    paths: Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: definitions.all(),
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          in: "header",
          name: "authorization",
          description: "Bearer Token authentication",
        },
      },
    },
  };
}

function pathItem(path: Path, definitions: Definitions): Json {
  const operations = path.operations.map((operation): [string, Json] => [
    operation.method,
    operationOf(operation, definitions),
  ]);
  return { ...Object.fromEntries(operations), parameters: path.parameters.map(parameterOf) };
}

function operationOf(operation: Operation, definitions: Definitions): Json {
  const { request, response } = operation;
  const answer = response ? { content: contentOf(answerTypes, definitions.ref(response)) } : { content: { "*/*": {} } };
  return {
    tags: [operation.tag],
    description: operation.description,
    operationId: operation.id,
    parameters: operation.parameters.map(parameterOf),
    ...(request ? { requestBody: requestBody(request, definitions) } : {}),
    responses: {
      ...Object.fromEntries(operation.codes.map((code) => [code, { description: reasons[code], ...answer }])),
      "401": { description: "Unauthorized" },
    },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

export const reasons: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

function requestBody(request: string, definitions: Definitions): Json {
  const schema = isPatch(request) ? { type: "object" } : definitions.ref(request);
  const types = isPatch(request) ? patchTypes : ["*/*"];
  return { content: contentOf(types, schema), ...(request === "meta/v1.DeleteOptions" ? {} : { required: true }) };
}

function contentOf(types: readonly string[], schema: Json): Json {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function parameterOf({ name, in: place, type, description }: Parameter): Json {
  return {
    name,
    in: place,
    description,
    ...(place === "path" ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}
