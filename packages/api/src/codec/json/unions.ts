import type { TypeName } from "@tskube/apimachinery";
import type { DecodeContext } from "./context.ts";
import { DecodeError } from "./errors.ts";
import type { Reader } from "./scalars.ts";

type StructReader = (type: TypeName, value: unknown, context: DecodeContext) => unknown;

const schemaProps = "apiextensions.k8s.io/v1.JSONSchemaProps";

/** The reader of a JSON schema's field that may hold a schema or something else. */
export function unionReader(union: string, readStruct: StructReader): Reader {
  const readSchema: Reader = (value, context) => readStruct(schemaProps, value, context);
  switch (union) {
    case "JSONSchemaPropsOrBool":
      return (value, context) => {
        if (typeof value === "boolean") return value;
        if (isObject(value)) return readSchema(value, context);
        throw new DecodeError("boolean or JSON schema expected");
      };
    case "JSONSchemaPropsOrArray":
      return (value, context) =>
        Array.isArray(value) ? value.map((item) => readSchema(item, context)) : readSchema(value, context);
    case "JSONSchemaPropsOrStringArray":
      return (value, context) => (Array.isArray(value) ? value : readSchema(value, context));
    default:
      return (value) => value;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
