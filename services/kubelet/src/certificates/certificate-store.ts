import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { systemErrorCode } from "@tskube/base";

/** A certificate with its chain and its key, in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Keeps certificates and keys in files of a directory; the newest is found under a fixed name. */
export interface CertificateStore {
  /** What clients' and servers' configurations can name: certificate and key in one file. */
  readonly currentPath: string;
  /** Undefined when there is none yet. Throws for files that are no certificate with its key. */
  current(): CertificatePair | undefined;
  update(certificate: string, key: string, nowMs: number): CertificatePair;
}

/** A store of upstream's layout: `NAME-2026-01-02-15-04-05.pem`, to which `NAME-current.pem` points. Readable by the owner only. */
export function certificateStore(directory: string, name: string): CertificateStore {
  const currentPath = join(directory, `${name}-current.pem`);
  return {
    currentPath,
    current() {
      const text = readIfPresent(currentPath);
      return text === undefined ? undefined : parsePair(text, currentPath);
    },
    update(certificate, key, nowMs) {
      const pair = makePair(certificate, key, `the ${name} certificate that was issued`);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const file = `${name}-${stamp(nowMs)}.pem`;
      const draft = join(directory, `.${file}.draft`);
      writeFileSync(draft, `${certificate.trimEnd()}\n${key}`, { mode: 0o600, flag: "w" });
      renameSync(draft, join(directory, file));
      point(currentPath, file);
      return pair;
    },
  };
}

export function makePair(certificate: string, key: string, what: string): CertificatePair {
  try {
    createSecureContext({ cert: certificate, key }); // throws unless they belong together
    const { validFrom, validTo } = new X509Certificate(certificate);
    return { certificate, key, notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) };
  } catch (error) {
    throw new Error(`${what} cannot be used with its key`, { cause: error });
  }
}

const keyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\n?/;

function parsePair(text: string, path: string): CertificatePair {
  const key = keyBlock.exec(text)?.[0];
  if (!key) throw new Error(`${path} holds no private key`);
  return makePair(text.replace(key, ""), key, path);
}

/** The link points to the old file or to the new one at every moment. */
function point(link: string, file: string): void {
  const draft = `${link}.draft`;
  rmSync(draft, { force: true });
  symlinkSync(file, draft);
  renameSync(draft, link);
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace(/[T:]/g, "-");
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
