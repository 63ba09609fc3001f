import { createHash } from "node:crypto";
import type { ResourceInfo } from "./resource-info.ts";

/** What discovery says of the stored form, so that a migrator sees it change; undefined for what is never stored. */
export function storageVersionHash({ storage, kind }: ResourceInfo): string | undefined {
  if (storage === undefined) return undefined;
  const digest = createHash("sha256").update(`${storage.group}/${storage.version}/${kind}`).digest();
  return digest.subarray(0, 8).toString("base64");
}
