import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { patternError } from "../schema/patterns.ts";
import { itemsOf, type Schema } from "../schema/structure.ts";

/** Patterns that do not compile, everywhere in a schema. */
export function patternErrors(schema: Schema, at: Path): FieldError[] {
  const problem = schema.pattern ? patternError(schema.pattern) : undefined;
  const own = problem
    ? [field.invalid(at.child("pattern"), schema.pattern, `must be a valid regular expression, but isn't: ${problem}`)]
    : [];
  return [...own, ...partsOf(schema, at).flatMap(([part, path]) => patternErrors(part, path))];
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
