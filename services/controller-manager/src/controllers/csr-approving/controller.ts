import type { CertificateSigningRequest, KubeObject, SubjectAccessReview } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { after, type Controller, type Deps, done, self } from "@tskube/controller";
import { trueCondition, withCondition } from "../../certificates/conditions.ts";
import { kubeletClientProblem } from "../../certificates/kubelet-requests.ts";
import { type RequestFacts, readRequest } from "../../certificates/request-facts.ts";

const reviews = {
  group: "authorization.k8s.io",
  version: "v1",
  resource: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  namespaced: false,
} as const;

/** Whoever asked may be given the right later; until then a person may decide, too. */
const retryMs = 30_000;

const kubeletClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";

/** A kind of request that is approved for whoever may create the subresource. */
interface Recognizer {
  readonly subresource: string;
  readonly message: string;
  recognizes(request: CertificateSigningRequest, facts: RequestFacts): boolean;
}

const recognizers: readonly Recognizer[] = [
  {
    subresource: "selfnodeclient",
    message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
    recognizes: ({ spec }, { commonName }) => spec.username === commonName,
  },
  {
    subresource: "nodeclient",
    message: "Auto approving kubelet client certificate after SubjectAccessReview.",
    recognizes: () => true,
  },
];

/** Approves kubelets' requests for client certificates: of nodes that renew theirs, and of who may bring new nodes. */
export function csrApprovingController({
  client,
  clock,
  listers,
  logger,
}: Pick<Deps, "client" | "clock" | "listers" | "logger">): Controller {
  const { certificatesigningrequests: requests } = listers;
  return {
    name: "certificatesigningrequest-approving",
    workers: 5,
    wakeOn: { CertificateSigningRequest: (request) => (isToDecide(request) ? self(request) : undefined) },
    async reconcile(name) {
      const request = requests.get(name);
      if (!request || !isToDecide(request)) return done;
      const facts = await readRequest(request.spec.request);
      if (kubeletClientProblem(facts, request.spec.usages ?? [])) return done;
      const recognized = recognizers.filter((one) => one.recognizes(request, facts));
      for (const { subresource, message } of recognized) {
        if (!(await isAllowed(request, subresource))) continue;
        await approve(request, message);
        return done;
      }
      const tried = recognized.map(({ subresource }) => subresource);
      logger.debug({ request: name, tried }, "recognized, but subject access review was not approved");
      return after(retryMs);
    },
  };

  async function isAllowed({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const { username, uid, groups, extra } = spec;
    const review = await client.resource<SubjectAccessReview & KubeObject>(reviews).create({
      metadata: {},
      spec: {
        ...(username && { user: username }),
        ...(uid && { uid }),
        ...(groups && { groups }),
        ...(extra && { extra }),
        resourceAttributes: {
          group: "certificates.k8s.io",
          version: "v1",
          resource: "certificatesigningrequests",
          verb: "create",
          subresource,
        },
      },
    });
    return review.status?.allowed === true;
  }

  async function approve(request: CertificateSigningRequest, message: string): Promise<void> {
    const lastUpdateTime = formatTime(clock.now());
    const condition = { type: "Approved", status: "True", reason: "AutoApproved", message, lastUpdateTime } as const;
    await client
      .certificatesigningrequests()
      .sub<CertificateSigningRequest>(request.metadata.name, "approval")
      .update(withCondition(request, condition));
  }
}

function isToDecide(request: CertificateSigningRequest): boolean {
  if (request.spec.signerName !== kubeletClientSigner || request.status?.certificate) return false;
  return !trueCondition(request, "Approved") && !trueCondition(request, "Denied");
}
