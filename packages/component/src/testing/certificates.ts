import "reflect-metadata"; // @peculiar/x509 wires itself up with it; must come first
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  readonly ca: string;
  /** A certificate for localhost and 127.0.0.1, good for clients as well. */
  issue(commonName: string, validity?: { readonly notAfter?: Date }): Promise<TestCertificate>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

/** A certificate authority of one test. */
export async function testAuthority(): Promise<TestAuthority> {
  const keys = await newKeys();
  const name = "CN=test-ca";
  const now = Date.now();
  const root = await X509CertificateGenerator.createSelfSigned({
    name,
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    ca: pem(root),
    async issue(commonName, { notAfter = new Date(now + dayMs) } = {}) {
      const own = await newKeys();
      const leaf = await X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: name,
        notBefore: new Date(now - 2 * dayMs),
        notAfter,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new SubjectAlternativeNameExtension([
            { type: "dns", value: "localhost" },
            { type: "ip", value: "127.0.0.1" },
          ]),
        ],
      });
      const der = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
      return { cert: pem(leaf), key: PemConverter.encode(der, "PRIVATE KEY") };
    },
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}
