import { readConfiguration } from "./read-configuration.ts";
import { durationMs, integer, listOf, type ObjectOf, objectOf, optional, type ShapeOf, text } from "./shape.ts";

const key = objectOf({ name: text, secret: text });
const keys = objectOf({ keys: listOf(key) });
const kms = objectOf({
  apiVersion: text,
  name: text,
  cachesize: optional(integer),
  endpoint: text,
  timeout: optional(durationMs),
});
const provider = objectOf({
  aesgcm: optional(keys),
  aescbc: optional(keys),
  secretbox: optional(keys),
  identity: optional(objectOf({})),
  kms: optional(kms),
});
const fields = { resources: listOf(objectOf({ resources: listOf(text), providers: listOf(provider) })) };

export type EncryptionKey = ShapeOf<typeof key>;
export type KmsProvider = ShapeOf<typeof kms>;
export type EncryptionProvider = ShapeOf<typeof provider>;
/** What `--encryption-provider-config` holds: which resources are written by which provider, and which others can still be read. */
export type EncryptionConfiguration = ObjectOf<typeof fields>;

/** Reads the file's text; what it asks for is not checked yet. */
export function readEncryptionConfiguration(source: string): EncryptionConfiguration {
  return readConfiguration(source, { kind: "EncryptionConfiguration", versions: ["v1"], fields });
}
