import { isJsonObject, isList, type JsonObject } from "@tskube/apimachinery";
import { section, withReferences } from "./references.ts";

const defaultTypes = ["application/json"];
const methods = new Set(["get", "put", "post", "delete", "options", "head", "patch"]);
/** What version 2 says of a parameter directly and version 3 in its schema. */
const schemaFields = ["type", "format", "items", "default", "enum", "uniqueItems", "minimum", "maximum", "pattern"];

/** A version 2 document as version 3, for servers that only have the former. */
export function convertV2(document: JsonObject): JsonObject {
  const shared = section(document, "parameters");
  const paths = Object.entries(section(document, "paths")).map(([path, item]) => [path, pathItem(item, shared)]);
  return withReferences(
    {
      openapi: "3.0.0",
      info: section(document, "info"),
      paths: Object.fromEntries(paths),
      components: { schemas: section(document, "definitions") },
    },
    (reference) => reference.replace(/^definitions\//, "components/schemas/"),
  ) as JsonObject;
}

function pathItem(item: unknown, shared: JsonObject): JsonObject {
  if (!isJsonObject(item)) return {};
  const operations = Object.entries(item).filter(([key, value]) => methods.has(key) && isJsonObject(value));
  const parameters = parametersOf(item, shared).map(parameter);
  return {
    ...Object.fromEntries(operations.map(([method, value]) => [method, operation(value as JsonObject, shared)])),
    ...(parameters.length > 0 && { parameters }),
  };
}

function operation(old: JsonObject, shared: JsonObject): JsonObject {
  const { consumes, produces, schemes: _schemes, parameters: _parameters, responses, ...rest } = old;
  const all = parametersOf(old, shared);
  const body = all.find((one) => one["in"] === "body");
  const others = all.filter((one) => one["in"] !== "body").map(parameter);
  return {
    ...rest,
    ...(others.length > 0 && { parameters: others }),
    ...(body && {
      requestBody: {
        ...(body["required"] === true && { required: true }),
        content: contentOf(consumes, body["schema"]),
      },
    }),
    responses: Object.fromEntries(
      Object.entries(isJsonObject(responses) ? responses : {}).map(([code, answer]) => [
        code,
        response(answer, produces),
      ]),
    ),
  };
}

function parametersOf(from: JsonObject, shared: JsonObject): JsonObject[] {
  const list = isList(from["parameters"]) ? from["parameters"].filter(isJsonObject) : [];
  return list.map((one) => {
    const name = typeof one["$ref"] === "string" ? one["$ref"].replace("#/parameters/", "") : undefined;
    return name === undefined ? one : section(shared, name);
  });
}

function parameter(old: JsonObject): JsonObject {
  const isSchema = ([key]: readonly [string, unknown]) => schemaFields.includes(key);
  const entries = Object.entries(old);
  return {
    ...Object.fromEntries(entries.filter((entry) => !isSchema(entry))),
    schema: Object.fromEntries(entries.filter(isSchema)),
  };
}

function response(old: unknown, produces: unknown): JsonObject {
  if (!isJsonObject(old)) return { description: "" };
  const { schema, ...rest } = old;
  return schema === undefined ? rest : { ...rest, content: contentOf(produces, schema) };
}

function contentOf(types: unknown, schema: unknown): JsonObject {
  const listed = isList(types) ? types.filter((type): type is string => typeof type === "string") : [];
  return Object.fromEntries((listed.length > 0 ? listed : defaultTypes).map((type) => [type, { schema }]));
}
