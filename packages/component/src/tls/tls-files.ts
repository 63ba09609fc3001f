import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Clock, errorMessage, type Logger, systemErrorCode } from "@tskube/base";

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Client certificates signed by these authorities are verified. */
  readonly clientCaFile?: string | undefined;
}

/** PEM texts as `tls.createServer` and `setSecureContext` take them. */
export interface TlsContents {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** A server's certificate that others renew while it runs. */
export interface TlsSource {
  readonly current: TlsContents;
  /** Tells of new contents until `close`. */
  onChange(listener: (contents: TlsContents) => void): void;
  close(): void;
}

export interface TlsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often files are looked at. By their times and not by file events, which miss swapped symbolic links and network mounts. */
const lookEveryMs = 10_000;

/** Loads and keeps watching the files. Throws one sentence for files that are missing, unreadable, expired or do not fit together. */
export function openTlsFiles(files: TlsFiles, { clock, logger }: TlsDeps): TlsSource {
  let current = readTlsFiles(files, clock);
  let stamp = stampOf(files);
  const listeners = new Set<(contents: TlsContents) => void>();
  warnOfOpenKey(files.keyFile, logger);
  let cancel = clock.after(lookEveryMs, look);

  function look(): void {
    cancel = clock.after(lookEveryMs, look);
    try {
      const newStamp = stampOf(files);
      if (newStamp === stamp) return;
      current = readTlsFiles(files, clock);
      stamp = newStamp;
    } catch (error) {
      // Probably a renewal half written; what is loaded still serves.
      logger.warn({ error: errorMessage(error) }, "cannot take up renewed TLS files yet");
      return;
    }
    logger.info({ certFile: files.certFile }, "renewed TLS files taken up");
    for (const listener of listeners) listener(current);
  }

  return {
    get current() {
      return current;
    },
    onChange: (listener) => void listeners.add(listener),
    close() {
      cancel();
      listeners.clear();
    },
  };
}

/** The files' contents, checked: readable, certificate and key a pair, not expired. */
export function readTlsFiles(files: TlsFiles, clock: Pick<Clock, "now">): TlsContents {
  const cert = read(files.certFile, "certificate");
  const key = read(files.keyFile, "key");
  const ca = files.clientCaFile === undefined ? undefined : read(files.clientCaFile, "client CA");
  checkNotExpired(cert, files.certFile, clock.now());
  const contents = { cert, key, ...(ca !== undefined && { ca }) };
  try {
    createSecureContext(contents);
  } catch (error) {
    throw new Error(`certificate ${files.certFile} and key ${files.keyFile} cannot be used together`, { cause: error });
  }
  return contents;
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT") throw new Error(`${what} file ${path} does not exist`);
    if (code === "EACCES") throw new Error(`${what} file ${path} may not be read by this user`);
    throw new Error(`cannot read ${what} file ${path}`, { cause: error });
  }
}

function checkNotExpired(cert: string, path: string, nowMs: number): void {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(cert);
  } catch (error) {
    throw new Error(`${path} holds no certificate in PEM`, { cause: error });
  }
  if (Date.parse(parsed.validTo) < nowMs) throw new Error(`certificate ${path} expired on ${parsed.validTo}`);
}

function stampOf({ certFile, keyFile, clientCaFile }: TlsFiles): string {
  const paths = clientCaFile === undefined ? [certFile, keyFile] : [certFile, keyFile, clientCaFile];
  return paths
    .map((path) => statSync(path))
    .map(({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`)
    .join(" ");
}

function warnOfOpenKey(path: string, logger: Logger): void {
  const mode = statSync(path).mode & 0o777;
  if (mode & 0o077)
    logger.warn({ path, mode: `0${mode.toString(8)}` }, "key file can be read by others, 0600 is expected");
}
