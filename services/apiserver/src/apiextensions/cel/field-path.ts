import { Path } from "@tskube/apimachinery";
import { ownProperty, type Schema, valuesOf } from "../schema/structure.ts";

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "'": "'",
  "\\": "\\",
};

/** A field that a path leads to, from the schema's own values on. */
export interface FoundField {
  readonly steps: readonly FieldStep[];
  readonly schema: Schema;
}

export interface FieldStep {
  readonly name: string;
  /** A key of a map rather than a field of an object. */
  readonly isKey: boolean;
}

/**
 * Follows `.spec.names['a.b']`, which goes through fields and keys of maps alone. Throws, in upstream's words, for a path that is none or leads to
 * nothing that the schema has.
 */
export function findField(path: string, schema: Schema, allowsBrackets = true): FoundField {
  const steps: FieldStep[] = [];
  let at = schema;
  for (const name of namesOf(path, allowsBrackets)) {
    const child = childOf(at, name);
    if (!child) throw new Error("does not refer to a valid field");
    steps.push({ name, isKey: at.properties === undefined });
    at = child;
  }
  return { steps, schema: at };
}

function childOf(schema: Schema, name: string): Schema | undefined {
  return schema.properties ? ownProperty(schema, name) : valuesOf(schema);
}

function* namesOf(path: string, allowsBrackets: boolean): Generator<string> {
  const tokens = path.match(/'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]]+/gs) ?? [];
  const next = (at: number) => tokens[at] ?? fail("unexpected end of JSON path");
  for (let at = 0; at < tokens.length; ) {
    if (tokens[at] === ".") {
      yield next(at + 1);
      at += 2;
    } else if (tokens[at] === "[") {
      if (!allowsBrackets) fail("array notation is not allowed");
      yield unquoted(next(at + 1));
      if (next(at + 2) !== "]") fail(`expected ] but got ${tokens[at + 2]}`);
      at += 3;
    } else fail(`expected [ or . but got: ${tokens[at]}`);
  }
}

function unquoted(token: string): string {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) {
    fail(`expected single quoted string but got ${token}`);
  }
  return token
    .slice(1, -1)
    .replace(
      /\\(.)/gs,
      (whole, char: string) => escapes[char] ?? fail(`invalid string literal: invalid escape char ${whole}`),
    );
}

function fail(message: string): never {
  throw new Error(message);
}

/** The path of a found field below another path. */
export function pathBelow(at: Path | undefined, steps: readonly FieldStep[]): Path | undefined {
  let path = at;
  for (const { name, isKey } of steps) {
    if (isKey) path = path ? path.key(name) : Path.of(`[${name}]`);
    else path = path ? path.child(name) : Path.of(name);
  }
  return path;
}
