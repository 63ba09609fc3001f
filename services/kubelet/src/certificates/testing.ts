import "reflect-metadata"; // what @peculiar/x509 wires itself up with
import { createPrivateKey, webcrypto } from "node:crypto";
import { Pkcs10CertificateRequest, X509CertificateGenerator } from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

/** A certificate with its key, both in PEM. */
export async function aPair(subject: string, fromMs: number, toMs: number) {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(fromMs),
    notAfter: new Date(toMs),
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ type: "sec1", format: "pem" });
  return { certificate: certificate.toString("pem"), key: key.toString() };
}

/** Signs requests (base64 of PEM) as a cluster's signer would. */
export async function signRequest(base64: string, fromMs: number, toMs: number): Promise<string> {
  const request = new Pkcs10CertificateRequest(Buffer.from(base64, "base64").toString());
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: request.subject,
    issuer: "CN=signer",
    publicKey: request.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(fromMs),
    notAfter: new Date(toMs),
  });
  return Buffer.from(certificate.toString("pem")).toString("base64");
}
