/**
 * Writes our compact schema (packages/api/schema) from a directory of API facts: `node --import tsx tools/transcribe-schema.ts DIR`.
 * Run it only when the API level changes; everything else is generated from what it wrote.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FactsIndex, type GroupFacts, groupVersionName } from "./generate/facts.ts";
import { transcribe } from "./generate/transcribe.ts";

const leftOut = /^(cri_|resource_quantity|runtime_raw|intstr_)/;
const target = new URL("../packages/api/schema/", import.meta.url).pathname;

const source = process.argv[2];
if (source === undefined) {
  console.error("usage: transcribe-schema DIRECTORY-OF-API-FACTS");
  process.exit(2);
}
const groups = readdirSync(source)
  .filter((file) => file.endsWith(".json") && !leftOut.test(file))
  .sort()
  .map((file) => JSON.parse(readFileSync(join(source, file), "utf8")) as GroupFacts);
const index = new FactsIndex(groups);
mkdirSync(target, { recursive: true });
for (const facts of groups) {
  writeFileSync(join(target, `${groupVersionName(facts).replace("/", "_")}.json`), transcribe(facts, index));
}
console.log(`${groups.length} groups written to ${target}`);
