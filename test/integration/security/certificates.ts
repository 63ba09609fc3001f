import "reflect-metadata"; // what @peculiar/x509 wires itself up with; must come first
import { generateKeyPairSync, type KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface KeyPairPem {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly cert: string;
  readonly key: string;
  /** A certificate for a user, or for a server at 127.0.0.1 that has `names` besides. */
  issue(subject: string, names?: readonly string[]): Promise<KeyPairPem>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const notBefore = new Date(Date.now() - 60_000);
/** Longer than the longest run, which is that of `npm run soak`. */
const notAfter = new Date(Date.now() + 7 * 24 * 3_600_000);
let serial = 1;

/** A certificate authority for one test cluster. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    serialNumber: "01",
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    cert: certificate.toString("pem"),
    key: await pemOf(keys.privateKey),
    async issue(subject, names = []) {
      const own = await generateKeys();
      const issued = await x509.X509CertificateGenerator.create({
        subject,
        issuer: certificate.subject,
        serialNumber: (++serial).toString(16).padStart(4, "0"),
        notBefore,
        notAfter,
        signingKey: keys.privateKey,
        publicKey: own.publicKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: "ip", value: "127.0.0.1" },
            ...names.map((value) => ({ type: "dns" as const, value })),
          ]),
        ],
      });
      return { cert: issued.toString("pem"), key: await pemOf(own.privateKey) };
    },
  };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)), "PRIVATE KEY");
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

/** A key to sign service account tokens with. */
export function tokenSigningKey(): string {
  const { privateKey }: { privateKey: KeyObject } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
