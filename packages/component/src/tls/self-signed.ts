import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import "reflect-metadata"; // the X.509 library needs it loaded before itself
import * as x509 from "@peculiar/x509";
import type { TlsContents } from "./tls-files.ts";

const year = 365 * 24 * 3600_000;

/** A certificate for a program that was given none: enough for encryption, though nobody can verify it. */
export async function selfSigned(name: string, addresses: readonly string[], nowMs: number): Promise<TlsContents> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const names = [name, ...addresses].map((each) => ({
    type: isIP(each) ? ("ip" as const) : ("dns" as const),
    value: each,
  }));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}@${Math.floor(nowMs / 1000)}`,
      notBefore: new Date(nowMs - 3600_000),
      notAfter: new Date(nowMs + year),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension(names),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    },
    webcrypto as never,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    cert: certificate.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)?.join("\n")}\n-----END PRIVATE KEY-----\n`,
  };
}
