import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Authenticator } from "../authenticator.ts";
import { certificateReader, isValidAt } from "./certificates.ts";

/**
 * Users by client certificate: the common name is the user, organizations are groups. The TLS handshake has verified the chain; validity is looked at
 * again, as connections outlive certificates. Where the handshake also lets others in than users, `signers` is the PEM of the authorities that make
 * users; a certificate has to be signed by one of them directly then.
 */
export function clientCertificateAuthenticator(signers: string | undefined, clock: Clock): Authenticator {
  const read = certificateReader(signers);
  return {
    name: "x509",
    async authenticate({ clientCertificate }) {
      const facts = clientCertificate && read(clientCertificate);
      if (!facts?.isSigned) return undefined;
      if (!isValidAt(facts, clock.now())) throw unauthorized("x509: certificate has expired or is not yet valid");
      if (!facts.commonName) return undefined;
      return {
        name: facts.commonName,
        groups: facts.organizations,
        extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${facts.digest}`] },
      };
    },
  };
}
