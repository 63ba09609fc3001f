import { parseDocument } from "yaml";
import { type Fields, type ObjectOf, objectOf, text } from "./shape.ts";

/** A kind of configuration file of the group `apiserver.config.k8s.io`. */
export interface ConfigurationKind<F extends Fields> {
  readonly kind: string;
  /** Versions that are read alike, the oldest first. */
  readonly versions: readonly string[];
  readonly fields: F;
}

const group = "apiserver.config.k8s.io";
/** More than any such file needs; a larger one is a mistake that should not fill the memory. */
const maxCharacters = 4 * 1024 * 1024;

/** The object that a file's text holds, in YAML or JSON. Throws for text that is none, for another kind, and for fields that the kind does not have. */
export function readConfiguration<F extends Fields>(source: string, kind: ConfigurationKind<F>): ObjectOf<F> {
  const document = parse(source);
  const { apiVersion, kind: named } = document;
  if (typeof named !== "string" || named === "") throw new Error(`Object 'Kind' is missing in ${shown(source)}`);
  if (typeof apiVersion !== "string" || apiVersion === "")
    throw new Error(`Object 'apiVersion' is missing in ${shown(source)}`);
  const isKnown = kind.kind === named && kind.versions.some((version) => apiVersion === `${group}/${version}`);
  if (!isKnown)
    throw new Error(`no kind ${JSON.stringify(named)} is registered for version ${JSON.stringify(apiVersion)}`);
  const reading = { problems: [] as string[] };
  const value = objectOf({ apiVersion: text, kind: text, ...kind.fields })(document, "", reading);
  if (reading.problems.length > 0) throw new Error(`strict decoding error: ${reading.problems.join(", ")}`);
  return value as ObjectOf<F>;
}

function parse(source: string): Readonly<Record<string, unknown>> {
  if (source.length > maxCharacters) throw new Error(`file is longer than ${maxCharacters} characters`);
  const document = parseDocument(source, { uniqueKeys: true });
  const [problem] = document.errors;
  if (problem) throw new Error(`cannot parse YAML: ${problem.message.split("\n")[0]}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("file holds no object");
  return value as Record<string, unknown>;
}

/** What it is that misses something, without what may be secret in it. */
function shown(source: string): string {
  return `a file of ${source.length} characters`;
}
