import { stringify } from "yaml";
import type { Encoding } from "../watch-cache/encoding.ts";

/** As Go's library writes: keys in the order of the alphabet, and long texts in one line. */
const yamlOptions = { aliasDuplicateObjects: false, sortMapEntries: true, lineWidth: 0 };

export function yamlText(value: unknown): string {
  return stringify(value, yamlOptions);
}

/** What `json` writes, as YAML documents. Streams separate their events by `---`. */
export function yamlEncoding(json: Encoding): Encoding {
  const toYaml = (...parts: readonly Buffer[]) =>
    Buffer.from(yamlText(JSON.parse(Buffer.concat(parts).toString("utf8"))));
  const separator = Buffer.from("---\n");
  const mediaType = "application/yaml";
  return {
    key: `yaml:${json.key}`,
    mediaType,
    streamMediaType: mediaType,
    object: (entry) => toYaml(json.object(entry)),
    list: (entries, position) => [toYaml(...json.list(entries, position))],
    event: (type, entry) => [toYaml(...json.event(type, entry)), separator],
    bookmark: (revision, endsInitialEvents) =>
      Buffer.concat([toYaml(json.bookmark(revision, endsInitialEvents)), separator]),
    error: (status) => Buffer.concat([toYaml(json.error(status)), separator]),
  };
}
