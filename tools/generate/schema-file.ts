import type { GroupSchema } from "./schemas.ts";
import { banner } from "./types-file.ts";

/** The schemas as JSON texts in one module: a string costs nothing to load, and each is parsed when first asked for. */
export function schemaText(schemas: readonly GroupSchema[]): string {
  const entries = schemas.map(
    ({ groupVersion, raw }) => `  ${JSON.stringify(groupVersion)}:\n    ${quoted(JSON.stringify(raw))},\n`,
  );
  return `${banner}\n/** By \`core/v1\`, \`apps/v1\` and so on. */\nexport const schemaTexts: Readonly<Record<string, string>> = {\n${entries.join("")}};\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
