/** One term of a field selector; `==` reads as `=`. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Returns the text of a selectable field; undefined counts as empty. */
export type FieldReader = (field: string) => string | undefined;

/** A parsed field selector; immutable. */
export interface FieldSelector {
  matches(read: FieldReader): boolean;
  readonly isEmpty: boolean;
  /** All must hold. */
  readonly requirements: readonly FieldRequirement[];
  /** The one value that `field` must have, if the selector says so: for choosing an index. */
  exactValue(field: string): string | undefined;
  /** Text that `parseFieldSelector` reads back. */
  toString(): string;
}

export function createFieldSelector(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    matches: (read) => requirements.every((one) => ((read(one.field) ?? "") === one.value) === (one.operator === "=")),
    isEmpty: requirements.length === 0,
    requirements,
    exactValue: (field) => requirements.find((one) => one.field === field && one.operator === "=")?.value,
    toString: () =>
      requirements.map(({ field, operator, value }) => field + operator + escapeFieldValue(value)).join(","),
  };
}

/** Matches every object. */
export const everyField: FieldSelector = createFieldSelector([]);

/**
 * Parses `spec.nodeName=n1,status.phase!=Running`; in values `\,`, `\=` and `\\` stand for the characters themselves.
 * Throws a plain error in upstream's words. Whether a field is selectable is for the caller to say.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements = splitTerms(text)
    .filter((term) => term !== "")
    .map((term) => parseTerm(term, text));
  return requirements.length === 0 ? everyField : createFieldSelector(requirements);
}

/** Cuts at commas that are not escaped. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\[\s\S]|\\$|[^,\\])+/g) ?? [];
}

function parseTerm(term: string, whole: string): FieldRequirement {
  // The first operator outside an escape ends the field's name; `==` and `!=` are longer than the `=` in them.
  const match = /^((?:\\[\s\S]|[^\\=!]|!(?!=))*)(!=|==|=)([\s\S]*)$/.exec(term);
  if (!match) throw new Error(`invalid selector: '${whole}'; can't understand '${term}'`);
  const [, field = "", operator, value = ""] = match;
  return { field, operator: operator === "!=" ? "!=" : "=", value: unescapeFieldValue(value) };
}

function unescapeFieldValue(value: string): string {
  return value.replace(/\\([\s\S])|([=,])|\\$/g, (found, escaped: string | undefined, bare: string | undefined) => {
    if (escaped !== undefined && "\\,=".includes(escaped)) return escaped;
    if (bare !== undefined)
      throw new Error(`invalid field selector: unescaped character in value: ${bare.charCodeAt(0)}`);
    throw new Error(`invalid field selector: invalid escape sequence: ${found}`);
  });
}

/** Makes `value` safe to stand in a field selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}
