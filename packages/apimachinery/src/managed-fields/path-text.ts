import { isJsonObject } from "../json.ts";

/** A path as it stands in messages: `.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]`. */
export function formatFieldPath(path: readonly string[]): string {
  return path.map(formatElement).join("");
}

function formatElement(element: string): string {
  const content = element.slice(2);
  switch (element.slice(0, 2)) {
    case "k:":
      return `[${formatKeys(JSON.parse(content))}]`;
    case "v:":
      return `[=${content}]`;
    case "i:":
      return `[${content}]`;
    default:
      return `.${content}`;
  }
}

function formatKeys(keys: unknown): string {
  if (!isJsonObject(keys)) return "";
  return Object.keys(keys)
    .sort()
    .map((key) => `${key}=${JSON.stringify(keys[key])}`)
    .join(",");
}
