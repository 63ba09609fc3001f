import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import type { X509Certificate } from "@peculiar/x509";
import type { Clock } from "@tskube/base";
import type { RequestFacts } from "./request-facts.ts";
import { subjectName } from "./subject.ts";
import { usageExtensions } from "./usages.ts";
import { loadX509 } from "./x509.ts";

export interface AuthorityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface SigningAuthority {
  /** A certificate in PEM for what the request asks, valid as long as it wants and at most as long as it may. */
  sign(request: RequestFacts, usages: readonly string[], wantedSeconds: number | undefined): Promise<string>;
}

const minute = 60_000;
/** Clocks of a cluster's machines may differ a little: a certificate is valid from slightly before it was made. */
const backdateMs = 5 * minute;
/** Certificates with a shorter life do not lose those minutes at their end. */
const shortLifeMs = 8 * 60 * minute;
/** The least a request can get, well above the backdating. */
const minLifeMs = 10 * minute;

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: SigningAlgorithm;
}

/**
 * An authority whose certificate and key stand in files, which are read with every signature: they may be replaced while this runs. Throws at once if
 * they cannot be read.
 */
export function signingAuthority(files: AuthorityFiles, maxLifeMs: number, clock: Clock): SigningAuthority {
  requireReadable(files);
  let known: { readonly texts: string; readonly authority: Promise<Authority> } | undefined;

  async function current(): Promise<Authority> {
    const [cert, key] = await Promise.all([readFile(files.certFile, "utf8"), readFile(files.keyFile, "utf8")]);
    const texts = cert + key;
    if (known?.texts !== texts) known = { texts, authority: readAuthority(cert, key) };
    return known.authority;
  }

  return {
    async sign(request, usages, wantedSeconds) {
      const authority = await current();
      const x509 = await loadX509();
      const { alternativeNames, parsed } = request;
      const names = alternativeNames.map(({ type, value }) => ({ type, value }));
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: new x509.Name(subjectName(request)),
        issuer: authority.certificate.subjectName,
        ...validity(lifeMs(wantedSeconds, maxLifeMs), clock.now(), authority.certificate.notAfter.getTime()),
        publicKey: parsed.publicKey,
        signingKey: authority.key,
        signingAlgorithm: authority.algorithm,
        extensions: [
          ...(await usageExtensions(usages)),
          new x509.BasicConstraintsExtension(false, undefined, true),
          await x509.AuthorityKeyIdentifierExtension.create(authority.certificate, false),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return `${certificate.toString("pem")}\n`;
    },
  };
}

function requireReadable({ certFile, keyFile }: AuthorityFiles): void {
  for (const [what, path] of [
    ["certificate", certFile],
    ["key", keyFile],
  ]) {
    try {
      accessSync(path ?? "", constants.R_OK);
    } catch (error) {
      throw new Error(`cannot read the signing ${what} ${path}`, { cause: error });
    }
  }
}

export function lifeMs(wantedSeconds: number | undefined, maxLifeMs: number): number {
  if (wantedSeconds === undefined) return maxLifeMs;
  return Math.min(maxLifeMs, Math.max(minLifeMs, wantedSeconds * 1000));
}

/** No certificate outlives its authority. */
export function validity(lifeMs: number, nowMs: number, authorityEndsMs: number) {
  const endsMs = nowMs + lifeMs - (lifeMs < shortLifeMs ? 0 : backdateMs);
  return { notBefore: new Date(nowMs - backdateMs), notAfter: new Date(Math.min(endsMs, authorityEndsMs)) };
}

async function readAuthority(cert: string, keyPem: string): Promise<Authority> {
  const { X509Certificate } = await loadX509();
  const key = createPrivateKey(keyPem);
  const algorithm = algorithmOf(key);
  const der = key.export({ type: "pkcs8", format: "der" });
  return {
    certificate: new X509Certificate(cert),
    key: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
    algorithm,
  };
}

type SigningAlgorithm = { readonly name: string; readonly hash: string; readonly namedCurve?: string };

const curves: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
};

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningAlgorithm {
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (asymmetricKeyType === "ed25519") return { name: "Ed25519", hash: "SHA-512" };
  const curve = curves[asymmetricKeyDetails?.namedCurve ?? ""];
  if (!curve) throw new Error(`cannot sign with a key of type ${asymmetricKeyType}`);
  return curve;
}

/** 128 random bits, positive. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
