import { createHash, X509Certificate } from "node:crypto";
import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Authenticator } from "../authenticator.ts";
import type { User } from "../user.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { parseDistinguishedName } from "./distinguished-name.ts";

interface Known {
  readonly user: User;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Users by client certificate: the common name is the user, organizations are groups. The server has verified the chain at the TLS handshake;
 * validity is looked at again, as connections outlive certificates.
 */
export function clientCertificateAuthenticator(clock: Clock): Authenticator {
  // One connection brings the same certificate with each request.
  const known = new BoundedCache<Known>(1024);
  return {
    name: "x509",
    async authenticate({ clientCertificate }) {
      if (!clientCertificate) return undefined;
      const digest = createHash("sha256").update(clientCertificate).digest("hex");
      const entry = known.get(digest) ?? known.set(digest, readCertificate(clientCertificate, digest));
      const now = clock.now();
      if (now < entry.notBeforeMs || now > entry.notAfterMs) {
        throw unauthorized("x509: certificate has expired or is not yet valid");
      }
      return entry.user.name ? entry.user : undefined;
    },
  };
}

function readCertificate(der: Uint8Array, digest: string): Known {
  const certificate = new X509Certificate(der);
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
