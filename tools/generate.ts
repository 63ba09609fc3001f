/**
 * Writes packages/api/src/generated from packages/api/schema, and packages/proto-gen from proto/. With `--check` it writes nothing and fails when what is committed
 * differs from what it would write.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { indexText } from "./generate/index-file.ts";
import { schemaText } from "./generate/schema-file.ts";
import { readSchemas } from "./generate/schemas.ts";
import { typesText } from "./generate/types-file.ts";
import { generateProto } from "./generate-proto.ts";

const schemaFolder = new URL("../packages/api/schema/", import.meta.url).pathname;
const generatedFolder = new URL("../packages/api/src/generated/", import.meta.url).pathname;

/** Everything that is generated: paths below the generated folder, with their text. */
function generatedFiles(): Map<string, string> {
  const schemas = readSchemas(schemaFolder);
  const files = new Map<string, string>();
  for (const schema of schemas) files.set(join(schema.folder, `${schema.version}.ts`), typesText(schema));
  files.set("schema.ts", schemaText(schemas));
  files.set("index.ts", indexText(schemas));
  return files;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
}

function differences(files: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...files.keys(), ...filesBelow(generatedFolder)]);
  return [...paths].filter((path) => {
    const full = join(generatedFolder, path);
    return !files.has(path) || !existsSync(full) || readFileSync(full, "utf8") !== files.get(path);
  });
}

function generateApi(check: boolean): string[] {
  const files = generatedFiles();
  const stale = differences(files);
  for (const path of check ? [] : stale) {
    const text = files.get(path);
    const full = join(generatedFolder, path);
    mkdirSync(dirname(full), { recursive: true });
    if (text === undefined) rmSync(full);
    else writeFileSync(full, text);
  }
  return stale.map((path) => `packages/api/src/generated/${path}`);
}

const check = process.argv.includes("--check");
const changed = [...generateApi(check), ...(await generateProto({ check }))];
for (const path of changed)
  console.log(check ? `${path} is not what its source gives: npm run generate` : `${path} written`);
if (check && changed.length > 0) process.exitCode = 1;
