/**
 * Holds the import rules of `layers.json`: which of our packages each place may import. Other packages are reached by their door
 * (`@tskube/x`, `@tskube/x/testing` from tests), never by a path into them. Exits 1 and names every broken arrow.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import layers from "./layers.json" with { type: "json" };

export type Layers = Readonly<Record<string, readonly string[]>>;

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^"'`;]*?from\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** The module names a source text imports. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(importPattern)].flatMap((match) => match[1] ?? match[2] ?? match[3] ?? []);
}

/** What is wrong with `file` (relative to the root) importing `module`, or undefined if the rules allow it. */
export function brokenRule(rules: Layers, file: string, module: string): string | undefined {
  const place = Object.keys(rules).find((prefix) => file.startsWith(`${prefix}/`));
  if (!place) return undefined;
  const isTest = file.endsWith(".test.ts") || file.includes("/testing/") || file.includes("/bench/");
  if (module.startsWith(".")) {
    const target = relative(".", resolve(file, "..", module))
      .split(sep)
      .join("/");
    return target.startsWith(`${place}/`) || rules[place]?.includes("*")
      ? undefined
      : `${file} reaches into ${target} by path`;
  }
  const door = /^@tskube\/([^/]+)(\/.*)?$/.exec(module);
  if (!door) return undefined;
  const [, name = "", subpath] = door;
  if (place.endsWith(`/${name}`)) return `${file} imports its own package ${module}: use a relative path`;
  if (subpath === "/testing" && !isTest && !rules[place]?.includes("*"))
    return `${file} imports the fakes of ${name} outside a test`;
  if (rules[place]?.includes("*") || rules[place]?.includes(name) || (isTest && subpath === "/testing"))
    return undefined;
  return `${place} may not import ${name} (${file}); tools/layers.json has the rules`;
}

function* sourcesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "dist" || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesUnder(path);
    else if (/\.(ts|tsx)$/.test(entry.name)) yield path;
  }
}

/** Every broken rule in the tree below the current folder. */
export function checkTree(rules: Layers): string[] {
  const broken: string[] = [];
  for (const top of ["packages", "services", "cli", "test", "tools"]) {
    for (const file of sourcesUnder(top)) {
      for (const module of importsOf(readFileSync(file, "utf8"))) {
        const problem = brokenRule(rules, file, module);
        if (problem) broken.push(problem);
      }
    }
  }
  return broken;
}

if (process.argv[1] === import.meta.filename) {
  const broken = checkTree(layers);
  for (const problem of broken) console.error(problem);
  process.exitCode = broken.length === 0 ? 0 : 1;
}
