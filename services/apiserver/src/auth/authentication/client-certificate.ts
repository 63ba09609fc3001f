import { createHash, X509Certificate } from "node:crypto";
import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Authenticator } from "../authenticator.ts";
import type { User } from "../user.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { isSignedBy, parseCertificates } from "./certificates.ts";
import { parseDistinguishedName } from "./distinguished-name.ts";

interface Known {
  readonly user: User;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Users by client certificate: the common name is the user, organizations are groups. Looks again at what the TLS handshake has verified: validity, as
 * connections outlive certificates, and the signer, as the handshake also lets front proxies in, whose authority must not make users.
 * `clientCa` is the PEM of the authorities that may (`--client-ca-file`); without it nobody is known by certificate.
 */
export function clientCertificateAuthenticator(clientCa: string, clock: Clock): Authenticator {
  const authorities = parseCertificates(clientCa);
  // One connection brings the same certificate with each request.
  const known = new BoundedCache<Known | null>(1024);
  return {
    name: "x509",
    async authenticate({ clientCertificate }) {
      if (!clientCertificate) return undefined;
      const digest = createHash("sha256").update(clientCertificate).digest("hex");
      const seen = known.get(digest);
      const entry =
        seen !== undefined ? seen : known.set(digest, readCertificate(clientCertificate, digest, authorities));
      if (!entry) return undefined;
      const now = clock.now();
      if (now < entry.notBeforeMs || now > entry.notAfterMs) {
        throw unauthorized("x509: certificate has expired or is not yet valid");
      }
      return entry.user.name ? entry.user : undefined;
    },
  };
}

/** Null for a certificate of another authority. */
function readCertificate(der: Uint8Array, digest: string, authorities: readonly X509Certificate[]): Known | null {
  const certificate = new X509Certificate(der);
  if (!isSignedBy(certificate, authorities)) return null;
  const { commonName, organizations } = parseDistinguishedName(certificate.subject);
  return {
    user: {
      name: commonName,
      groups: organizations,
      extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${digest}`] },
    },
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}
