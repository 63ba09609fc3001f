import "reflect-metadata"; // what @peculiar/x509 wires itself up with; must come first
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface TestAuthority {
  readonly pem: string;
  /** A client certificate in DER. */
  issue(subject: string, notAfter?: Date): Promise<Uint8Array>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const notBefore = new Date("2020-01-01T00:00:00Z");
const farAway = new Date("2090-01-01T00:00:00Z");
let serial = 1;

/** A certificate authority for tests. */
export async function makeAuthority(name: string): Promise<TestAuthority> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    serialNumber: "01",
    notBefore,
    notAfter: farAway,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    pem: certificate.toString("pem"),
    async issue(subject, notAfter = farAway) {
      const own = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
      const issued = await x509.X509CertificateGenerator.create({
        subject,
        issuer: certificate.subject,
        serialNumber: (++serial).toString(16).padStart(4, "0"),
        notBefore,
        notAfter,
        signingKey: keys.privateKey,
        publicKey: own.publicKey,
        signingAlgorithm: algorithm,
      });
      return new Uint8Array(issued.rawData);
    },
  };
}

/** A certificate signing request in base64 of its PEM, as the API carries it. */
export async function makeRequest(subject: string): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(request.toString("pem")).toString("base64");
}
