import type { CertificateSigningRequest } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { type Controller, type ControllerFactory, type Deps, done, self } from "@tskube/controller";
import { trueCondition, withCondition } from "../../certificates/conditions.ts";
import { readRequest } from "../../certificates/request-facts.ts";
import { createSigners, type SigningOptions } from "./signers.ts";

/** Issues certificates for approved requests to Kubernetes' own signers. */
export function csrSigningController(options: SigningOptions): ControllerFactory {
  return (deps) => createController(options, deps);
}

function createController(options: SigningOptions, { client, clock, listers }: Deps): Controller {
  const { certificatesigningrequests: requests } = listers;
  const signers = createSigners(options, clock);
  return {
    name: "certificatesigningrequest-signing",
    workers: 5,
    wakeOn: { CertificateSigningRequest: (request) => (isToSign(request) ? self(request) : undefined) },
    async reconcile(name) {
      const request = requests.get(name);
      const signer = request && signers.get(request.spec.signerName);
      if (!request || !signer || !isToSign(request)) return done;
      const { usages = [], expirationSeconds } = request.spec;
      const facts = await readRequest(request.spec.request);
      const problem = signer.problem(facts, usages);
      if (problem) {
        await client.certificatesigningrequests().updateStatus(failed(request, problem));
        return done;
      }
      const pem = await signer.authority.sign(facts, usages, expirationSeconds ?? undefined);
      const certificate = Buffer.from(pem).toString("base64");
      await client
        .certificatesigningrequests()
        .updateStatus({ ...request, status: { ...request.status, certificate } });
      return done;
    },
  };

  function failed(request: CertificateSigningRequest, message: string): CertificateSigningRequest {
    const lastUpdateTime = formatTime(clock.now());
    const reason = "SignerValidationFailure";
    return withCondition(request, { type: "Failed", status: "True", reason, message, lastUpdateTime });
  }
}

function isToSign(request: CertificateSigningRequest): boolean {
  const { status } = request;
  return !status?.certificate && trueCondition(request, "Approved") !== undefined && !trueCondition(request, "Failed");
}
