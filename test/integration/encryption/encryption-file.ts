import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

export interface EncryptionFile {
  readonly path: string;
  readonly directory: string;
  /** Replaces what the file says, in one step as a careful operator would. */
  write(...resources: readonly EncryptionEntry[]): void;
  remove(): void;
}

export interface EncryptionEntry {
  readonly resources: readonly string[];
  readonly providers: readonly object[];
}

export function encryptionFile(...resources: readonly EncryptionEntry[]): EncryptionFile {
  const directory = mkdtempSync(join(tmpdir(), "tskube-encryption-"));
  const path = join(directory, "encryption.yaml");
  const write = (...entries: readonly EncryptionEntry[]) => {
    const next = join(directory, "next.yaml");
    const document = { apiVersion: "apiserver.config.k8s.io/v1", kind: "EncryptionConfiguration", resources: entries };
    writeFileSync(next, stringify(document), { mode: 0o600 });
    renameSync(next, path);
  };
  write(...resources);
  return { path, directory, write, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** A provider with keys made of one byte each: the first writes. */
export function keyed(provider: "aescbc" | "aesgcm" | "secretbox", ...keys: readonly (readonly [string, number])[]) {
  const secret = (byte: number) => Buffer.alloc(32, byte).toString("base64");
  return { [provider]: { keys: keys.map(([name, byte]) => ({ name, secret: secret(byte) })) } };
}

export const identity = { identity: {} };
