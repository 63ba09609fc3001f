import { isIntOrString, keepsUnknown, type Schema } from "../schema/structure.ts";

export type Json = Record<string, unknown>;

/** What a node says of itself, in one generation of the format; the nodes below it are published by the caller. */
type Publish = (node: Schema) => Json;

const eitherType: readonly Schema[] = [{ type: "integer" }, { type: "string" }];

/** A node as version 3 has it: all that the definition says. `publish` makes the nodes below. */
export function nodeV3(schema: Schema, publish: Publish): Json {
  const unfolded = isIntOrString(schema) ? withEitherType(schema) : schema;
  const { allOf, anyOf, oneOf, not, ...rest } = unfolded;
  return {
    ...structure(rest, publish),
    ...(allOf && { allOf }),
    ...(anyOf && { anyOf }),
    ...(oneOf && { oneOf }),
    ...(not && { not }),
  };
}

/** Says with junctors what the extension means, for clients that do not know it. */
function withEitherType(schema: Schema): Schema {
  const { anyOf, allOf } = schema;
  if (!anyOf?.length) return allOf?.[0]?.anyOf?.length === 2 ? schema : { ...schema, anyOf: [...eitherType] };
  const isSaid = anyOf.length === 2 && anyOf.every((part, index) => part.type === eitherType[index]?.type);
  if (isSaid) return schema;
  const { anyOf: own, ...rest } = schema;
  return { ...rest, allOf: [{ anyOf: [...eitherType] }, { anyOf: own ?? [] }, ...(allOf ?? [])] };
}

/**
 * A node as version 2 has it. That has no junctors and no nullables, and kubectl takes what is listed below a node that keeps unknown fields for all
 * there may be: such nodes are left open.
 */
export function nodeV2(schema: Schema, publish: Publish): Json {
  const { allOf: _allOf, anyOf: _anyOf, oneOf: _oneOf, not: _not, nullable, ...rest } = schema;
  const isOpen = nullable === true || keepsUnknown(schema);
  const { items, properties, type, required, ...plain } = rest;
  const isTyped =
    !nullable && !(keepsUnknown(schema) && type === "object") && !(type === "array" && (isOpen || !items));
  const needed = requiredV2(schema);
  return {
    ...structure({ ...plain, ...(!isOpen && { ...(items && { items }), ...(properties && { properties }) }) }, publish),
    ...(type && isTyped && { type }),
    ...(needed?.length && { required: needed }),
  };
}

/** A nullable field may be null where it is required, which version 2 cannot say. */
function requiredV2({ required, properties, additionalProperties }: Schema): readonly string[] | undefined {
  if (typeof additionalProperties === "object" && additionalProperties.nullable) return undefined;
  return required?.filter((name) => properties?.[name]?.nullable !== true);
}

function structure({ properties, items, additionalProperties, ...plain }: Schema, publish: Publish): Json {
  const result: Json = { ...plain };
  if (properties) {
    result["properties"] = Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [name, publish(child)]),
    );
  }
  if (items) result["items"] = Array.isArray(items) ? items.map(publish) : publish(items);
  if (additionalProperties !== undefined) {
    const isSchema = typeof additionalProperties === "object";
    result["additionalProperties"] = isSchema ? publish(additionalProperties) : additionalProperties;
  }
  return result;
}
