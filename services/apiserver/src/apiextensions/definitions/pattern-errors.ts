import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { patternSize } from "../../cel/index.ts";
import { patternError } from "../schema/patterns.ts";
import { itemsOf, type Schema } from "../schema/structure.ts";

/** Instructions of all patterns: more take seconds to compile. Schemas in the field have a hundredth. */
const maxSizeOfAll = 100_000;

/** Patterns that do not compile, everywhere in a schema. */
export function patternErrors(schema: Schema, at: Path): FieldError[] {
  if (sizeOfPatterns(schema, at) > maxSizeOfAll) return [field.forbidden(at, "patterns are too large together")];
  return errorsOf(schema, at);
}

function sizeOfPatterns(schema: Schema, at: Path): number {
  const own = schema.pattern ? patternSize(schema.pattern) : 0;
  return partsOf(schema, at).reduce((sum, [part, path]) => sum + sizeOfPatterns(part, path), own);
}

function errorsOf(schema: Schema, at: Path): FieldError[] {
  const problem = schema.pattern ? patternError(schema.pattern) : undefined;
  const own = problem
    ? [field.invalid(at.child("pattern"), schema.pattern, `must be a valid regular expression, but isn't: ${problem}`)]
    : [];
  return [...own, ...partsOf(schema, at).flatMap(([part, path]) => errorsOf(part, path))];
}

/** Everything that stands below a node, junctors too, with where it stands. */
function partsOf(schema: Schema, at: Path): [Schema, Path][] {
  const { additionalProperties, not } = schema;
  const items = itemsOf(schema);
  const junctors = (["allOf", "anyOf", "oneOf"] as const).flatMap((name) =>
    (schema[name] ?? []).map((part, index): [Schema, Path] => [part, at.child(name).index(index)]),
  );
  return [
    ...Object.entries(schema.properties ?? {}).map(([name, child]): [Schema, Path] => [
      child,
      at.child("properties").key(name),
    ]),
    ...(items ? [[items, at.child("items")] as [Schema, Path]] : []),
    ...(typeof additionalProperties === "object"
      ? [[additionalProperties, at.child("additionalProperties")] as [Schema, Path]]
      : []),
    ...junctors,
    ...(not ? [[not, at.child("not")] as [Schema, Path]] : []),
  ];
}
