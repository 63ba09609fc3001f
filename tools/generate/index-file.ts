import type { GroupSchema } from "./schemas.ts";
import { banner, valuesName } from "./types-file.ts";

/**
 * The door of the generated types. Every group version is a namespace (`autoscalingV2`); every name also stands flat, for the group version
 * that claims it first. Kinds claim before other types, so that `ResourceClaim` is the object and not the entry in a container.
 */
export function indexText(schemas: readonly GroupSchema[]): string {
  const claimed = new Set<string>();
  const flatTypes = new Map<GroupSchema, string[]>();
  for (const wantKinds of [true, false]) {
    for (const schema of schemas) {
      const names = schema.types.filter((type) => type.isKind === wantKinds).map((type) => type.name);
      flatTypes.set(schema, [...(flatTypes.get(schema) ?? []), ...claim(names, claimed)]);
    }
  }
  const lines = schemas.map((schema) => {
    const values = Object.entries(schema.strings).filter(([, string]) => string.values.length > 0);
    return exportLines(
      schema,
      flatTypes.get(schema) ?? [],
      claim(
        values.map(([name]) => valuesName(name)),
        claimed,
      ),
    );
  });
  return `${banner}\n${lines.join("")}`;
}

function claim(names: readonly string[], claimed: Set<string>): string[] {
  const free = names.filter((name) => !claimed.has(name));
  for (const name of free) claimed.add(name);
  return free;
}

function exportLines(schema: GroupSchema, types: readonly string[], values: readonly string[]): string {
  const file = `"./${schema.groupVersion}.ts"`;
  const flat = (keyword: string, names: readonly string[]) =>
    names.length === 0
      ? ""
      : `${keyword} {\n${[...names]
          .sort()
          .map((name) => `  ${name},\n`)
          .join("")}} from ${file};\n`;
  return `export * as ${namespaceName(schema)} from ${file};\n${flat("export type", types)}${flat("export", values)}`;
}

/** `networking.k8s.io/v1beta1` → `networkingV1beta1`, `custom.metrics.k8s.io/v1beta2` → `customMetricsV1beta2`. */
function namespaceName({ folder, version }: GroupSchema): string {
  const words = folder.replace(/(\.authorization|\.apiserver)?\.k8s\.io$/, "").split(".");
  const camel = words.map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join("");
  return `${camel}V${version.slice(1)}`;
}
