import type {
  EncryptionConfiguration,
  EncryptionKey,
  EncryptionProvider,
} from "../configuration/encryption-configuration.ts";
import { type OnTransformed, type Prefixed, prefixed } from "./prefixed.ts";
import { aesCbc } from "./providers/aes-cbc.ts";
import { aesGcm } from "./providers/aes-gcm.ts";
import { identity } from "./providers/identity.ts";
import { secretbox } from "./providers/secretbox.ts";
import { type ResourceTransformers, resourceTransformers } from "./resource-transformers.ts";
import type { Transformer } from "./transformer.ts";

export interface BuildDeps {
  /** The provider of that name, which speaks to a plugin. */
  readonly kms: (name: string) => Transformer;
  readonly onTransformed: (resource: string) => OnTransformed;
}

/** Makes of a valid configuration what it asks for. */
export function buildTransformers({ resources }: EncryptionConfiguration, deps: BuildDeps): ResourceTransformers {
  return resourceTransformers(
    resources.map((entry) => {
      const ways = entry.providers.map((provider) => wayOf(provider, deps));
      const isPlain = ways.length === 1 && ways[0]?.prefix === "";
      return {
        resources: entry.resources,
        transformerFor: (resource) =>
          isPlain ? identity : prefixed(ways, "no matching prefix found", deps.onTransformed(resource)),
      };
    }),
  );
}

function wayOf({ aescbc, aesgcm, secretbox: box, kms }: EncryptionProvider, deps: BuildDeps): Prefixed {
  if (aescbc) return { prefix: "k8s:enc:aescbc:v1:", transformer: withKeys(aescbc.keys, aesCbc, "AES") };
  if (aesgcm) return { prefix: "k8s:enc:aesgcm:v1:", transformer: withKeys(aesgcm.keys, aesGcm, "AES") };
  if (box) return { prefix: "k8s:enc:secretbox:v1:", transformer: withKeys(box.keys, secretbox, "Secretbox") };
  if (kms) return { prefix: `k8s:enc:kms:v2:${kms.name}:`, transformer: deps.kms(kms.name) };
  return { prefix: "", transformer: identity };
}

function withKeys(keys: readonly EncryptionKey[], provider: (key: Buffer) => Transformer, what: string): Transformer {
  const ways = keys.map(({ name, secret }) => ({
    prefix: `${name}:`,
    transformer: provider(Buffer.from(secret, "base64")),
  }));
  return prefixed(ways, `no matching key was found for the provided ${what} transformer`);
}
