import type { CertificateSigningRequest, KubeObject } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import type { Authorizer } from "../../auth/authorizer.ts";
import type { AdmissionDeps } from "../deps.ts";
import { objectOf, oldObjectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { certificateRequestSubject } from "./certificate-request-subject.ts";

const group = "certificates.k8s.io";
const requests = "certificatesigningrequests";

/** Approving takes the right to do so for the signer, besides the right to write approvals at all. */
export function certificateApproval({ authorizer }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "CertificateApproval",
    handles: writesTo(`${requests}/approval.${group}`, "UPDATE"),
    async validate(attributes) {
      const { signerName } = objectOf<CertificateSigningRequest>(attributes).spec;
      if (await isAllowedForSigner("approve", signerName, attributes, authorizer)) return;
      throw refuse(attributes, `user not permitted to approve requests with signerName "${signerName}"`);
    },
  };
}

/** So does issuing a certificate. */
export function certificateSigning({ authorizer }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "CertificateSigning",
    handles: writesTo(`${requests}/status.${group}`, "UPDATE"),
    async validate(attributes) {
      const request = objectOf<CertificateSigningRequest>(attributes);
      const old = oldObjectOf<CertificateSigningRequest>(attributes);
      if (old && !saysMore(old, request)) return;
      const { signerName } = request.spec;
      if (await isAllowedForSigner("sign", signerName, attributes, authorizer)) return;
      throw refuse(attributes, `user not permitted to sign requests with signerName "${signerName}"`);
    },
  };
}

function saysMore(old: CertificateSigningRequest, request: CertificateSigningRequest): boolean {
  const { certificate: before, conditions: conditionsBefore = [] } = old.status ?? {};
  const { certificate, conditions = [] } = request.status ?? {};
  return (certificate ?? "") !== (before ?? "") || !deepEqual(conditions, conditionsBefore);
}

/** Speaking for a signer in a bundle of its certificates takes the right to attest for it. */
export function clusterTrustBundleAttest({ authorizer }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "ClusterTrustBundleAttest",
    handles: writesTo(`clustertrustbundles.${group}`, "CREATE", "UPDATE"),
    async validate(attributes) {
      const { spec } = objectOf<KubeObject & { readonly spec: { readonly signerName?: string } }>(attributes);
      if (!spec.signerName || (attributes.oldObject && isSameBundle(attributes))) return;
      if (await isAllowedForSigner("attest", spec.signerName, attributes, authorizer)) return;
      throw refuse(attributes, `user not permitted to attest for signerName "${spec.signerName}"`);
    },
  };
}

/** What the garbage collector writes, for instance, says nothing new. */
function isSameBundle({ object, oldObject }: AdmissionAttributes): boolean {
  const specOf = (one: unknown) => (one as { readonly spec?: unknown } | undefined)?.spec;
  return deepEqual(specOf(object), specOf(oldObject));
}

const clientSigner = "kubernetes.io/kube-apiserver-client";
const privilegedGroup = "system:masters";

/** Nobody becomes almighty by a certificate from this signer. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  handles: writesTo(`${requests}.${group}`, "CREATE"),
  async validate(attributes) {
    const { spec } = objectOf<CertificateSigningRequest>(attributes);
    if (spec.signerName !== clientSigner) return;
    const subject = await certificateRequestSubject(spec.request);
    if (subject?.organizations.includes(privilegedGroup)) {
      throw refuse(attributes, `use of ${clientSigner} signer with ${privilegedGroup} group is not allowed`);
    }
  },
};

/** Rights are given for one signer or for a whole domain, `example.com/*`. */
async function isAllowedForSigner(
  verb: string,
  signerName: string,
  { user }: AdmissionAttributes,
  authorizer: Authorizer,
): Promise<boolean> {
  for (const name of [signerName, `${signerName.split("/")[0]}/*`]) {
    const decision = await authorizer.authorize({
      user,
      verb,
      name,
      group,
      version: "*",
      resource: "signers",
      subresource: "",
      namespace: "",
      isResource: true,
      path: "",
    });
    if (decision.allowed) return true;
  }
  return false;
}
