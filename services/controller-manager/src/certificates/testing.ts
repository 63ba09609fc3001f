import { webcrypto } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonNameParams } from "@peculiar/x509";
import type { CertificateSigningRequest } from "@tskube/api";
import type { AlternativeName } from "./request-facts.ts";
import type { AuthorityFiles } from "./signing-authority.ts";
import { loadX509 } from "./x509.ts";

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
type Algorithm = Parameters<typeof webcrypto.subtle.generateKey>[0];

export const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

function newKeys(algorithm: Algorithm): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

/** A request for `subject`, such as `O=system:nodes, CN=system:node:n1` or its parts, as objects hold it. */
export async function csrFor(
  subject: string | JsonNameParams,
  names: readonly AlternativeName[] = [],
): Promise<string> {
  const { Name, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } = await loadX509();
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: new Name(subject),
    keys: await newKeys(ecdsa),
    signingAlgorithm: ecdsa,
    extensions: names.length > 0 ? [new SubjectAlternativeNameExtension([...names])] : [],
  });
  return Buffer.from(request.toString("pem")).toString("base64");
}

export function aRequest(spec: Partial<CertificateSigningRequest["spec"]>, status?: object): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: "r" },
    spec: { request: "", signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"], ...spec },
    ...(status && { status }),
  } as CertificateSigningRequest;
}

export interface TestAuthority {
  readonly files: AuthorityFiles;
  readonly certificate: string;
  readonly directory: string;
}

/** An authority in files of a directory of its own, which the caller removes. */
export async function writeAuthority(endsMs: number, algorithm: Algorithm = ecdsa): Promise<TestAuthority> {
  const { X509CertificateGenerator, BasicConstraintsExtension, SubjectKeyIdentifierExtension } = await loadX509();
  const keys = await newKeys(algorithm);
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: "CN=kubernetes",
    keys,
    signingAlgorithm: algorithm as never,
    notBefore: new Date(0),
    notAfter: new Date(endsMs),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const directory = mkdtempSync(join(tmpdir(), "tskube-authority-"));
  const files = { certFile: join(directory, "ca.crt"), keyFile: join(directory, "ca.key") };
  const certificate = authority.toString("pem");
  writeFileSync(files.certFile, certificate);
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  return { files, certificate, directory };
}
