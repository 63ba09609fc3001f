import type { Pod, TokenRequest } from "@tskube/api";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import { TestCluster } from "../security/test-cluster.ts";

const podOf = (name: string, nodeName: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: { nodeName, serviceAccountName: "default", containers: [{ name: "c", image: "demo" }] },
});

describe("tokens for kubelets", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let kubelet: Client;
  let mine: Pod;
  let theirs: Pod;

  before(async () => {
    cluster = await TestCluster.start();
    const admin = await cluster.as("CN=admin, O=system:masters");
    const metadata = { name: "default", namespace: "default" };
    await admin.serviceaccounts("default").create({ apiVersion: "v1", kind: "ServiceAccount", metadata });
    mine = await admin.pods("default").create(podOf("mine", "n1"));
    theirs = await admin.pods("default").create(podOf("theirs", "n2"));
    kubelet = await cluster.as("CN=system:node:n1, O=system:nodes");
  });
  after(() => cluster?.stop());

  async function ask(boundTo: Pod | undefined, uid = boundTo?.metadata.uid): Promise<string> {
    const reference = boundTo && { apiVersion: "v1", kind: "Pod", name: boundTo.metadata.name, uid };
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: { name: "default" },
      spec: { audiences: [], boundObjectRef: reference },
    } as TokenRequest;
    try {
      const { status } = await kubelet.serviceaccounts("default").sub<TokenRequest>("default", "token").create(request);
      return status?.token ? "token" : "none";
    } catch (error) {
      return (error as Error).message;
    }
  }

  it("are given for the pods of their own node alone", async () => {
    expect(await ask(mine)).to.equal("token");
    const refused = 'serviceaccounts "default" is forbidden:';
    expect(await ask(theirs)).to.equal(`${refused} node requested token bound to a pod scheduled on a different node`);
    expect(await ask(undefined)).to.equal(`${refused} node requested token not bound to a pod`);
    expect(await ask(mine, "00000000-0000-0000-0000-000000000000")).to.contain("does not match the UID in record");
  });
});
