import { createPrivateKey, webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** Whom a certificate is for. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** Names and addresses of a server. */
  readonly names: readonly string[];
}

export interface NewRequest {
  /** Both in PEM. */
  readonly request: string;
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A new P-256 key, and a certificate request signed with it. */
export async function createRequest({ commonName, organizations, names }: CertificateSubject): Promise<NewRequest> {
  // A large library that kubelets which are handed their certificates need not load.
  await import("reflect-metadata");
  const { Name, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } = await import("@peculiar/x509");
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const subject = new Name([
    ...organizations.map((organization) => ({ O: [{ utf8String: organization }] })),
    { CN: [{ utf8String: commonName }] },
  ]);
  const alternative = names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value }));
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions: alternative.length > 0 ? [new SubjectAlternativeNameExtension(alternative)] : [],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ type: "sec1", format: "pem" });
  return { request: `${request.toString("pem")}\n`, key: key.toString() };
}
