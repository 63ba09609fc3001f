import type { ConfigMap } from "@tskube/api";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import { TestCluster } from "./test-cluster.ts";
import { WebhookServer } from "./webhook-server.ts";

const rules = [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }];

function configMap(name: string): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } };
}

describe("admission webhooks over HTTPS", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let webhook: WebhookServer;
  let admin: Client;

  before(async () => {
    const patch = Buffer.from('[{"op":"add","path":"/data","value":{"from":"webhook"}}]').toString("base64");
    webhook = await WebhookServer.start((path, { request }) => {
      if (path === "/mutate") return { patchType: "JSONPatch", patch };
      return request.object.metadata.name === "bad"
        ? { allowed: false, status: { message: "bad name", code: 403 } }
        : { warnings: ["seen"] };
    });
    cluster = await TestCluster.start();
    admin = await cluster.as("CN=admin, O=system:masters");
  });
  after(async () => {
    await cluster?.stop();
    await webhook?.stop();
  });

  async function configure(kind: string, path: string, more: object = {}): Promise<void> {
    const group = "admissionregistration.k8s.io";
    const resource = `${kind.toLowerCase()}s`;
    const hook = { name: `${path.slice(1)}.example.com`, rules, sideEffects: "None", admissionReviewVersions: ["v1"] };
    const webhooks = [{ ...hook, clientConfig: webhook.clientConfig(path), ...more }];
    const configuration = { apiVersion: `${group}/v1`, kind, metadata: { name: path.slice(1) }, webhooks };
    await admin.resource({ group, version: "v1", resource, kind, namespaced: false }).create(configuration as never);
  }

  it("change and refuse what is created", async () => {
    await configure("MutatingWebhookConfiguration", "/mutate");
    await configure("ValidatingWebhookConfiguration", "/validate");
    const created = await admin.configmaps("default").create(configMap("good"));
    expect(created.data).to.deep.equal({ from: "webhook" });
    const refusal = await admin
      .configmaps("default")
      .create(configMap("bad"))
      .catch((error: Error) => error);
    expect(refusal).to.include({
      message: 'admission webhook "validate.example.com" denied the request: bad name',
      code: 403,
    });
  });

  it("that cannot be reached refuse", async () => {
    const clientConfig = { service: { namespace: "default", name: "nobody" } };
    await configure("ValidatingWebhookConfiguration", "/lost", { clientConfig });
    const refusal = await admin
      .configmaps("default")
      .create(configMap("good-2"))
      .catch((error: Error) => error);
    expect(String(refusal)).to.include(
      'Internal error occurred: failed calling webhook "lost.example.com": service "nobody" not found',
    );
  });
});
