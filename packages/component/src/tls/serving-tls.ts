import { readFile } from "node:fs/promises";
import { openTlsFiles, type TlsDeps, type TlsSource } from "./tls-files.ts";

/** What the options of a TLS server say. */
export interface ServingTlsConfig {
  readonly tlsCertFile?: string | undefined;
  readonly tlsPrivateKeyFile?: string | undefined;
  readonly clientCaFile?: string | undefined;
}

/**
 * The certificate to serve with: the one in the files, followed as they are renewed, or, as upstream's programs do when they are given none, one
 * that is made for this run, for `name` and `addresses`. Throws one sentence for files that cannot be used.
 */
export async function openServingTls(
  config: ServingTlsConfig,
  { name, addresses }: { readonly name: string; readonly addresses: readonly string[] },
  deps: TlsDeps,
): Promise<TlsSource> {
  const { tlsCertFile: certFile, tlsPrivateKeyFile: keyFile, clientCaFile } = config;
  if (certFile && keyFile) return openTlsFiles({ certFile, keyFile, clientCaFile }, deps);
  if (certFile || keyFile) throw new Error("a certificate and its key are given together: one of the two is missing");
  const { selfSigned } = await import("./self-signed.ts"); // a large library that programs with a certificate need not load
  const own = await selfSigned(name, addresses, deps.clock.now());
  const ca = clientCaFile === undefined ? undefined : await readFile(clientCaFile, "utf8");
  return { current: { ...own, ...(ca !== undefined && { ca }) }, onChange() {}, close() {} };
}
