import type { CertificateSigningRequest } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { clientOver, type Listers, over, type TransportRequest } from "@tskube/client";
import { after, done } from "@tskube/controller";
import { expect } from "chai";
import { aRequest, csrFor } from "../../certificates/testing.ts";
import { csrApprovingController } from "./controller.ts";

const signerName = "kubernetes.io/kube-apiserver-client-kubelet";
const usages = ["digital signature", "client auth"];
const node = "O=system:nodes, CN=system:node:n1";

/** Reconciles one request against a server that allows creating the subresources in `allowed`. */
async function reconcile(request: CertificateSigningRequest, allowed: readonly string[]) {
  const asked: string[] = [];
  const approvals: CertificateSigningRequest[] = [];
  const answer = (sent: TransportRequest): unknown => {
    const body = JSON.parse(String(sent.body)) as {
      spec: { user?: string; resourceAttributes: { subresource: string } };
    };
    if (sent.path.endsWith("/approval")) {
      approvals.push(body as unknown as CertificateSigningRequest);
      return body;
    }
    const { subresource } = body.spec.resourceAttributes;
    asked.push(`${body.spec.user} ${subresource}`);
    return { ...body, status: { allowed: allowed.includes(subresource) } };
  };
  const transport = over(async (sent) => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: (async function* () {
      yield Buffer.from(JSON.stringify(answer(sent)));
    })(),
  }));
  const controller = csrApprovingController({
    client: clientOver(transport, { userAgent: "test", qps: -1 }),
    clock: new FakeClock(),
    logger: silentLogger,
    listers: { certificatesigningrequests: { get: () => request } } as unknown as Listers,
  });
  return { result: await controller.reconcile("r", new AbortController().signal), asked, approvals };
}

describe("the controller that approves certificate requests", () => {
  const nodeRequest = async (username: string, more: object = {}) =>
    aRequest({ request: await csrFor(node), signerName, usages, username, ...more });

  it("approves a node that renews its own certificate", async () => {
    const { asked, approvals, result } = await reconcile(await nodeRequest("system:node:n1"), ["selfnodeclient"]);
    expect(result).to.deep.equal(done);
    expect(asked).to.deep.equal(["system:node:n1 selfnodeclient"]);
    expect(approvals[0]?.status?.conditions).to.deep.equal([
      {
        type: "Approved",
        status: "True",
        reason: "AutoApproved",
        message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
        lastUpdateTime: "2030-01-01T00:00:00Z",
      },
    ]);
  });

  it("approves who may bring new nodes, and asks nodes for both rights", async () => {
    const brought = await reconcile(await nodeRequest("system:bootstrap:abcdef"), ["nodeclient"]);
    expect(brought.asked).to.deep.equal(["system:bootstrap:abcdef nodeclient"]);
    expect(brought.approvals[0]?.status?.conditions?.[0]?.message).to.equal(
      "Auto approving kubelet client certificate after SubjectAccessReview.",
    );
    const own = await reconcile(await nodeRequest("system:node:n1"), ["nodeclient"]);
    expect(own.asked).to.deep.equal(["system:node:n1 selfnodeclient", "system:node:n1 nodeclient"]);
    expect(own.approvals).to.have.length(1);
  });

  it("looks again at who may not, and takes the right to renew for no other right", async () => {
    const { approvals, result } = await reconcile(await nodeRequest("system:node:n2"), ["selfnodeclient"]);
    expect(approvals).to.deep.equal([]);
    expect(result).to.deep.equal(after(30_000));
  });

  const others: readonly [string, () => Promise<CertificateSigningRequest>][] = [
    ["for another signer", () => nodeRequest("ann", { signerName: "kubernetes.io/kube-apiserver-client" })],
    ["for more than a client", () => nodeRequest("ann", { usages: [...usages, "server auth"] })],
    ["for a user", async () => nodeRequest("ann", { request: await csrFor("CN=ann") })],
    [
      "decided already",
      async () => ({ ...(await nodeRequest("ann")), status: { conditions: [{ type: "Denied", status: "True" }] } }),
    ],
  ];
  for (const [what, request] of others) {
    it(`leaves a request that is ${what} to others`, async () => {
      const { asked, approvals, result } = await reconcile(await request(), ["selfnodeclient", "nodeclient"]);
      expect([asked, approvals, result]).to.deep.equal([[], [], done]);
    });
  }
});
