import { goQuote } from "@tskube/apimachinery";
import {
  type CollectionTag,
  type Document,
  Lexer,
  parseDocument,
  type ScalarTag,
  type Tags,
  type YAMLError,
} from "yaml";
import type { ParsedBody } from "./decode.ts";
import { DecodeError } from "./errors.ts";

/** Version 1.1 as upstream's: `yes` and `on` are booleans, but neither dates nor `80:80` become anything other than text. */
const yamlOptions = {
  version: "1.1",
  logLevel: "error",
  customTags: (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || !isForeignToGo(tag)),
} as const;

function isForeignToGo(tag: CollectionTag | ScalarTag): boolean {
  return tag.tag === "tag:yaml.org,2002:timestamp" || ("format" in tag && tag.format === "TIME");
}

/** Anchors a document may use in all, so that a small body cannot grow without limit. */
const maxAliasCount = 100;

/** Nobody means to nest this deep. */
const maxDepth = 1000;

/**
 * Refuses what nests too deep before it is parsed. The parser recurses, and running out of stack there cannot always be caught: when a
 * regular expression is compiled at the very end of the stack, V8 ends the process.
 */
function refuseDeep(text: string): void {
  let flowDepth = 0;
  let column = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === "[" || lexeme === "{") flowDepth++;
    else if (lexeme === "]" || lexeme === "}") flowDepth--;
    const isNesting = lexeme === "-" || lexeme === "?" || (column === 0 && lexeme.trim() === "");
    // A level of block nesting takes at least one column.
    if (flowDepth > maxDepth || (isNesting && column + lexeme.length > maxDepth * 2))
      throw new DecodeError("error converting YAML to JSON: yaml: exceeded max depth");
    const lineBreak = lexeme.lastIndexOf("\n");
    column = lineBreak < 0 ? column + lexeme.length : lexeme.length - lineBreak - 1;
  }
}

/** Parses YAML; broken syntax throws `DecodeError`, and keys that stand twice are told of when asked. */
export function parseYaml(text: string, isStrict: boolean): ParsedBody {
  refuseDeep(text);
  const document = parseDocument(text, { ...yamlOptions, uniqueKeys: isStrict });
  const error = document.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (error) throw yamlError(error);
  return { value: asJson(document), duplicates: duplicateKeys(text, document.errors) };
}

const keyText = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^:\n]+)/;

/** One message for all, as Go's parser words it. */
function duplicateKeys(text: string, errors: readonly YAMLError[]): string[] {
  const lines = errors.map(({ pos, linePos }) => {
    const key = keyText.exec(text.slice(pos[0]))?.[0].trim() ?? "";
    return `  line ${linePos?.[0].line}: key ${goQuote(key.replace(/^(["'])(.*)\1$/, "$2"))} already set in map`;
  });
  return lines.length === 0 ? [] : [`yaml: unmarshal errors:\n${lines.join("\n")}`];
}

/** YAML has binary data and odd numbers where JSON has text; the way through JSON settles that. */
function asJson(document: Document): unknown {
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount }) ?? null));
  } catch (error) {
    // An anchor that does not exist, holds itself or is used too often.
    throw yamlError(error);
  }
}

function yamlError(cause: unknown): DecodeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DecodeError(`error converting YAML to JSON: yaml: ${message}`, { cause });
}
