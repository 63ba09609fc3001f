import { createHash, X509Certificate } from "node:crypto";
import { type DistinguishedName, parseDistinguishedName } from "./distinguished-name.ts";

/** What authentication needs of a certificate. */
export interface CertificateFacts extends DistinguishedName {
  /** SHA-256 of the DER, in hexadecimal. */
  readonly digest: string;
  /** One of the reader's authorities signed it, not only one of those that the TLS handshake trusts. */
  readonly isSigned: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Reads certificates and tells which the authorities of a PEM bundle signed; without a bundle all are, as far as the handshake let them in. Reads each
 * once: a connection shows the same bytes with every request.
 */
export function certificateReader(bundle: string | undefined): (der: Uint8Array) => CertificateFacts {
  const authorities = bundle === undefined ? undefined : parseBundle(bundle);
  const known = new WeakMap<Uint8Array, CertificateFacts>();
  return (der) => {
    let facts = known.get(der);
    if (!facts) {
      facts = readFacts(der, authorities);
      known.set(der, facts);
    }
    return facts;
  };
}

export function isValidAt({ notBeforeMs, notAfterMs }: CertificateFacts, nowMs: number): boolean {
  return notBeforeMs <= nowMs && nowMs <= notAfterMs;
}

function parseBundle(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function readFacts(der: Uint8Array, authorities: readonly X509Certificate[] | undefined): CertificateFacts {
  const certificate = new X509Certificate(der);
  return {
    ...parseDistinguishedName(certificate.subject),
    digest: createHash("sha256").update(der).digest("hex"),
    isSigned: authorities?.some((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey)) ?? true,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}
