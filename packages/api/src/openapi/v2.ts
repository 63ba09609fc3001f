import { resources } from "../resources/index.ts";
import type { Descriptions } from "./descriptions.ts";
import { isPatch, type Operation, type Path, pathsOf } from "./operations.ts";
import type { Parameter } from "./parameters.ts";
import { Definitions, type Json } from "./schemas.ts";
import { reasons } from "./v3.ts";

const answerTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** The OpenAPI v2 document of all group versions that are served by default. */
export function openapiV2(info: Json, descriptions: Descriptions = {}): Json {
  const definitions = new Definitions({ version: 2, refPrefix: "#/definitions/", descriptions });
  const versions = resources.groups.flatMap((group) => group.versions).filter((version) => version.servedByDefault);
  const paths = versions.flatMap(pathsOf).map((path): [string, Json] => [path.path, pathItem(path, definitions)]);
  return {
    swagger: "2.0",
    info,
    paths: Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: definitions.all(),
    securityDefinitions: {
      BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" },
    },
    security: [{ BearerToken: [] }],
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
  const answer = { schema: response ? definitions.ref(response) : { type: "string" } };
  return {
    description: operation.description,
    consumes: request && isPatch(request) ? patchTypes : ["*/*"],
    produces: response ? answerTypes : ["*/*"],
    schemes: ["https"],
    tags: [operation.tag],
    operationId: operation.id,
    parameters: [...(request ? [bodyParameter(request, definitions)] : []), ...operation.parameters.map(parameterOf)],
    responses: {
      ...Object.fromEntries(operation.codes.map((code) => [code, { description: reasons[code], ...answer }])),
      "401": { description: "Unauthorized" },
    },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

function bodyParameter(request: string, definitions: Definitions): Json {
  const schema = isPatch(request) ? { type: "object" } : definitions.ref(request);
  return { name: "body", in: "body", ...(request === "meta/v1.DeleteOptions" ? {} : { required: true }), schema };
}

function parameterOf({ name, in: place, type, description }: Parameter): Json {
  return { name, in: place, type, description, uniqueItems: true, ...(place === "path" ? { required: true } : {}) };
}
