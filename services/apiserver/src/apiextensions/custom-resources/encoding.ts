import type { ResourceInfo } from "@tskube/api";
import type { Encoding } from "../../watch-cache/encoding.ts";
import { jsonEncoding, listMetadata } from "../../watch-cache/json-encoding.ts";

/** Custom objects as JSON: unlike those of built-in kinds, the items of a list say their kind and version. */
export function customJsonEncoding(info: ResourceInfo, apiVersion: string): Encoding {
  return {
    ...jsonEncoding(info.kind, apiVersion),
    list(entries, position) {
      const metadata = JSON.stringify(listMetadata(position));
      const parts: Buffer[] = [
        Buffer.from(`{"apiVersion":"${apiVersion}","kind":"${info.listKind}","metadata":${metadata},"items":[`),
      ];
      for (const entry of entries) {
        if (parts.length > 1) parts.push(comma);
        parts.push(entry.bytes);
      }
      parts.push(tail);
      return parts;
    },
  };
}

const comma = Buffer.from(",");
const tail = Buffer.from("]}");
