import { parseDocument } from "yaml";
import { boolean, listOf, objectOf, optional, type ShapeOf, text } from "../../configuration/shape.ts";

const texts = listOf(text);

const ruleShape = objectOf({
  level: text,
  users: texts,
  userGroups: texts,
  verbs: texts,
  resources: listOf(objectOf({ group: text, resources: texts, resourceNames: texts })),
  namespaces: texts,
  nonResourceURLs: texts,
  omitStages: texts,
  omitManagedFields: optional(boolean),
});

const policyShape = objectOf({
  apiVersion: text,
  kind: text,
  metadata: (value: unknown) => value,
  rules: listOf(ruleShape),
  omitStages: texts,
  omitManagedFields: boolean,
});

/** A policy as its file has it: levels and stages may be anything still. */
export type WrittenPolicy = ShapeOf<typeof policyShape>;
export type WrittenRule = ShapeOf<typeof ruleShape>;

/** More than any policy needs; a larger file is a mistake that should not fill the memory. */
const maxCharacters = 4 * 1024 * 1024;

/** Reads YAML or JSON; throws in one sentence for what is no Policy of audit.k8s.io/v1. Fields that it does not know are told to `warn` and left out, as upstream does. */
export function readWrittenPolicy(source: string, warn: (problem: string) => void): WrittenPolicy {
  const document = parse(source);
  const { apiVersion, kind } = document;
  if (!kind) throw new Error("failed decoding: Object 'Kind' is missing");
  if (!apiVersion) throw new Error("failed decoding: Object 'apiVersion' is missing");
  if (apiVersion !== "audit.k8s.io/v1" || kind !== "Policy") {
    throw new Error(
      `failed decoding: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    );
  }
  const reading = { problems: [] as string[] };
  const policy = policyShape(document, "", reading);
  const isUnknown = (problem: string) => problem.startsWith("unknown field ");
  const wrong = reading.problems.filter((problem) => !isUnknown(problem));
  if (wrong.length > 0) throw new Error(`failed decoding: ${wrong.join(", ")}`);
  for (const problem of reading.problems) warn(problem);
  return policy;
}

function parse(source: string): Readonly<Record<string, unknown>> {
  if (source.length > maxCharacters) throw new Error(`failed decoding: longer than ${maxCharacters} characters`);
  const document = parseDocument(source, { uniqueKeys: true });
  const [problem] = document.errors;
  if (problem) throw new Error(`failed decoding: ${problem.message.split("\n")[0]}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("failed decoding: the file holds no object");
  }
  return value as Record<string, unknown>;
}
