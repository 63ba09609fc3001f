import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Descriptions } from "../../packages/api/src/openapi/descriptions.ts";
import { type GroupSchema, readSchemas } from "./schemas.ts";

/**
 * Collects what the installed client library's comments say of our types, for `kubectl explain`. The texts are upstream's, so they are made
 * where the library is installed and never committed. Types that the library does not have stay without.
 */
export function collectDescriptions(schemas: readonly GroupSchema[], modelsFolder: string): Descriptions {
  const descriptions: Record<string, Record<string, string>> = {};
  for (const schema of schemas) {
    for (const type of schema.types) {
      const text = readModel(schema, type.name, modelsFolder);
      if (text !== undefined) descriptions[`${schema.groupVersion}.${type.name}`] = describeModel(type.name, text);
    }
  }
  return descriptions;
}

const root = new URL("../../", import.meta.url).pathname;

/** Writes the texts of all types to `path`. Does nothing where the library is not installed: the API then goes without. */
export function writeApiDescriptions(path: string): void {
  const models = join(root, "node_modules/@kubernetes/client-node/dist/gen/models");
  if (!existsSync(models)) return;
  const descriptions = collectDescriptions(readSchemas(join(root, "packages/api/schema")), models);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(descriptions));
}

/** Names that several groups use carry the group's in front: `CoreV1Event`. */
function readModel(schema: GroupSchema, type: string, folder: string): string | undefined {
  const group = schema.folder.split(".")[0] ?? "";
  const version = capital(schema.version);
  for (const name of [`${capital(group)}${version}${type}`, `${version}${type}`]) {
    const path = join(folder, `${name}.d.ts`);
    if (existsSync(path)) return readFileSync(path, "utf8");
  }
  return undefined;
}

const commentThenDeclaration = /\/\*\*\s*\n([\s\S]*?)\*\/\s*\n\s*(?:export declare class \w+|'([^']+)'\??:)/g;

/** The class's own comment under the empty name, each property's under its name in our schema. */
function describeModel(type: string, text: string): Record<string, string> {
  const found: Record<string, string> = {};
  // The file's own header is a comment too: the class's comes after it, and after imports where there are any.
  const lastImport = text.lastIndexOf("\nimport ");
  const body = text.slice(lastImport < 0 ? text.indexOf("*/") + 2 : lastImport);
  for (const [, comment = "", property = ""] of body.matchAll(commentThenDeclaration)) {
    // Comments of a language that quotes with backslashes.
    const words = comment
      .replace(/^\s*\* ?/gm, "")
      .replace(/\\(.)/g, "$1")
      .trim();
    if (words !== "" && words !== type) found[propertyName(property)] = words;
  }
  return found;
}

/** The library writes words of its language with an underscore in front, and underscores for what is no letter. */
function propertyName(property: string): string {
  return property.replace(/^_/, "");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
