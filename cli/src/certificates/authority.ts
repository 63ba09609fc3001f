import "reflect-metadata"; // what @peculiar/x509 wires itself up with; must come first
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its private key, both in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  /** What the holder may prove with it: being a client, being a server, or both. */
  readonly usages: readonly ("client" | "server")[];
}

export interface Authority {
  /** The CA's certificate in PEM, which peers are given to trust. */
  readonly certificate: string;
  readonly key: string;
  issue(request: CertificateRequest): Promise<KeyPair>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 60 * 60 * 1000;
const authorityLifeMs = 3650 * dayMs;
const leafLifeMs = 365 * dayMs;
/** Clocks of a cluster's machines may differ a little: a certificate is valid from slightly before it was made. */
const clockSkewMs = 5 * 60 * 1000;

/** Creates a certificate authority with a fresh P-256 key, valid for ten years. */
export async function createAuthority(commonName: string, nowMs: number): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: distinguishedName(commonName, []),
    notBefore: new Date(nowMs - clockSkewMs),
    notAfter: new Date(nowMs + authorityLifeMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  return authority(certificate, keys.privateKey, await privateKeyPem(keys.privateKey), nowMs);
}

/** The authority whose certificate and key were stored before. */
export async function loadAuthority(pair: KeyPair, nowMs: number): Promise<Authority> {
  const der = PemConverter.decodeFirst(pair.key);
  const key = await webcrypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
  return authority(new X509Certificate(pair.certificate), key, pair.key, nowMs);
}

function authority(
  certificate: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  keyPem: string,
  nowMs: number,
): Authority {
  return {
    certificate: pem(certificate),
    key: keyPem,
    async issue(request) {
      const keys = await newKeys();
      const leaf = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: distinguishedName(request.commonName, request.organizations ?? []),
        issuer: certificate.subjectName,
        notBefore: new Date(nowMs - clockSkewMs),
        notAfter: new Date(Math.min(nowMs + leafLifeMs, certificate.notAfter.getTime())),
        publicKey: keys.publicKey,
        signingKey,
        signingAlgorithm: algorithm,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension(
            request.usages.map((usage) =>
              usage === "client" ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
            ),
          ),
          await AuthorityKeyIdentifierExtension.create(certificate, false),
          ...alternativeNames(request),
        ],
      });
      return { certificate: pem(leaf), key: await privateKeyPem(keys.privateKey) };
    },
  };
}

function alternativeNames(request: CertificateRequest): SubjectAlternativeNameExtension[] {
  const names: JsonGeneralName[] = [
    ...(request.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(request.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : [];
}

/** Organizations first, then the common name, as kubeadm writes them: user groups and user name of a client. */
function distinguishedName(commonName: string, organizations: readonly string[]): string {
  return new Name([...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }]).toString();
}

/** 128 random bits, positive. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}
