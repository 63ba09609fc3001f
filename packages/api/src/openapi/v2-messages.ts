import type { Json } from "./schemas.ts";

/** How a JSON value becomes the content of a field. */
export type Shape =
  | "string"
  | "bool"
  | "double"
  /** Any value, as YAML text, of which JSON is a part. */
  | "any"
  /** A message whose fields are the value's. */
  | { readonly message: string }
  /** One field per item. */
  | { readonly each: Shape }
  /** One field per entry, each a message of name and value. */
  | { readonly entries: Shape }
  /** A message around the value, which is its field of that number. */
  | { readonly inside: number; readonly shape: Shape }
  /** Chosen by what the value is. */
  | { readonly choose: (value: unknown) => Shape };

interface Field {
  readonly number: number;
  readonly shape: Shape;
}

/** The fields of a message by their names in JSON; `x-` stands for all vendor extensions together. */
export type Message = Readonly<Record<string, Field>>;

const field = (number: number, shape: Shape = "string"): Field => ({ number, shape });
const each = (shape: Shape): Shape => ({ each: shape });
const inside = (number: number, shape: Shape): Shape => ({ inside: number, shape });
const entriesInside = (number: number, shape: Shape): Shape => inside(number, { entries: shape });
const schema: Shape = { message: "Schema" };
const extensions = (number: number): Field => field(number, { entries: "any" });

const additionalProperties: Shape = {
  choose: (value) => (typeof value === "boolean" ? inside(2, "bool") : inside(1, schema)),
};

/** A parameter is wrapped in what it might have been instead, and again in its place. */
const parameter: Shape = {
  choose: (value) => {
    const place = (value as Json)["in"];
    if (place === "body") return inside(1, inside(1, { message: "BodyParameter" }));
    const wrapped: Shape =
      place === "path" ? inside(4, { message: "PathParameter" }) : inside(3, { message: "QueryParameter" });
    return inside(1, inside(2, wrapped));
  },
};

const operation: Shape = { message: "Operation" };

/** The messages by name. */
export const messages: Readonly<Record<string, Message>> = {
  Document: {
    swagger: field(1),
    info: field(2, { message: "Info" }),
    paths: field(8, entriesInside(2, { message: "PathItem" })),
    definitions: field(9, entriesInside(1, schema)),
    security: field(12, each(entriesInside(1, inside(1, each("string"))))),
    securityDefinitions: field(13, entriesInside(1, inside(2, { message: "ApiKey" }))),
    "x-": extensions(16),
  },
  Info: { title: field(1), version: field(2), description: field(3) },
  ApiKey: { type: field(1), name: field(2), in: field(3), description: field(4) },
  PathItem: {
    get: field(2, operation),
    put: field(3, operation),
    post: field(4, operation),
    delete: field(5, operation),
    options: field(6, operation),
    head: field(7, operation),
    patch: field(8, operation),
    parameters: field(9, each(parameter)),
    "x-": extensions(10),
  },
  Operation: {
    tags: field(1, each("string")),
    description: field(3),
    operationId: field(5),
    produces: field(6, each("string")),
    consumes: field(7, each("string")),
    parameters: field(8, each(parameter)),
    responses: field(9, entriesInside(1, inside(1, { message: "Response" }))),
    schemes: field(10, each("string")),
    deprecated: field(11, "bool"),
    "x-": extensions(13),
  },
  Response: { description: field(1), schema: field(2, inside(1, schema)) },
  BodyParameter: {
    description: field(1),
    name: field(2),
    in: field(3),
    required: field(4, "bool"),
    schema: field(5, schema),
  },
  QueryParameter: {
    required: field(1, "bool"),
    in: field(2),
    description: field(3),
    name: field(4),
    type: field(6),
    uniqueItems: field(20, "bool"),
  },
  PathParameter: {
    required: field(1, "bool"),
    in: field(2),
    description: field(3),
    name: field(4),
    type: field(5),
    uniqueItems: field(19, "bool"),
  },
  Schema: {
    $ref: field(1),
    format: field(2),
    title: field(3),
    description: field(4),
    default: field(5, "any"),
    maximum: field(7, "double"),
    minimum: field(9, "double"),
    pattern: field(13),
    required: field(19, each("string")),
    enum: field(20, each("any")),
    additionalProperties: field(21, additionalProperties),
    type: field(22, inside(1, each("string"))),
    items: field(23, inside(1, schema)),
    allOf: field(24, each(schema)),
    properties: field(25, entriesInside(1, schema)),
    "x-": extensions(31),
  },
};
