import { boolean, type OptionValues, path } from "@tskube/component";
import type { EncryptionOptions } from "./open-encryption.ts";

export const encryptionFlags = {
  encryptionProviderConfig: path("The file that says how resources are encrypted in the store"),
  encryptionProviderConfigAutomaticReload: boolean("Takes up changes of --encryption-provider-config while running"),
};

type Values = OptionValues<typeof encryptionFlags>;

/** Undefined when nothing is to be encrypted. */
export function encryptionOptions(values: Values): EncryptionOptions | undefined {
  const { encryptionProviderConfig: file, encryptionProviderConfigAutomaticReload: reloads } = values;
  return file === undefined ? undefined : { path: file, reloads };
}

/** The complaint about flags that do not go together. */
export function validateEncryptionFlags(values: Values): string | undefined {
  const { encryptionProviderConfig: file, encryptionProviderConfigAutomaticReload: reloads } = values;
  if (reloads && file === undefined) {
    return "--encryption-provider-config-automatic-reload must be set with --encryption-provider-config";
  }
  return undefined;
}
