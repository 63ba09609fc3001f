import type { Pod, SelfSubjectRulesReview, TokenRequest, TokenReview } from "@tskube/api";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import { TestCluster } from "./test-cluster.ts";

async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
}

function pod(name: string, spec: object = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "dev" },
    spec: { containers: [{ name: "c", image: "demo" }], ...spec },
  } as Pod;
}

function reviews(client: Client, group: string, resource: string, kind: string) {
  return client.resource({ group, version: "v1", resource, kind, namespaced: false });
}

describe("a secured apiserver", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let admin: Client;

  before(async () => {
    cluster = await TestCluster.start();
    admin = await cluster.as("CN=admin, O=system:masters");
    await admin.namespaces().create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } });
    for (const name of ["default", "web"]) {
      await admin
        .serviceaccounts("dev")
        .create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "dev" } });
    }
    for (const name of ["mine", "theirs"]) {
      await admin.secrets("dev").create({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "dev" } });
    }
  });
  after(() => cluster?.stop());

  it("lets the scheduler see pods but no secrets", async () => {
    const scheduler = await cluster.as("CN=system:kube-scheduler");
    await scheduler.pods().list();
    expect(await refusal(scheduler.secrets("dev").get("mine"))).to.equal(
      'secrets "mine" is forbidden: User "system:kube-scheduler" cannot get resource "secrets" in API group "" in the namespace "dev"',
    );
  });

  it("lets a kubelet read what its own pods use, and write its own objects", async () => {
    await admin
      .pods("dev")
      .create(pod("mine", { nodeName: "n1", volumes: [{ name: "v", secret: { secretName: "mine" } }] }));
    await admin
      .pods("dev")
      .create(pod("theirs", { nodeName: "n2", volumes: [{ name: "v", secret: { secretName: "theirs" } }] }));
    const kubelet = await cluster.as("CN=system:node:n1, O=system:nodes");
    expect((await kubelet.secrets("dev").get("mine")).metadata.name).to.equal("mine");
    expect(await refusal(kubelet.secrets("dev").get("theirs"))).to.contain(
      "no relationship found between node 'n1' and this object",
    );
    expect(await refusal(kubelet.pods("dev").get("theirs"))).to.contain("no relationship found");
    expect((await kubelet.pods().list({ fieldSelector: "spec.nodeName=n1" })).items).to.have.length(1);
    expect(await refusal(kubelet.pods().list())).to.contain(
      "can only list/watch pods with spec.nodeName field selector",
    );
    const node = (name: string) =>
      kubelet.nodes().create({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: {} });
    expect((await node("n1")).spec.taints).to.deep.equal([
      { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
    ]);
    expect(await refusal(node("n2"))).to.equal('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"');
    expect(await refusal(kubelet.pods("dev").delete("theirs"))).to.contain(
      "can only delete pods with spec.nodeName set to itself",
    );
  });

  it("gives a pod its account, tolerations and priority", async () => {
    const { spec } = await admin.pods("dev").create(pod("plain"));
    expect(spec).to.include({ serviceAccountName: "default", priority: 0, preemptionPolicy: "PreemptLowerPriority" });
    expect(spec.volumes?.[0]?.name).to.match(/^kube-api-access-/);
    expect(spec.tolerations?.map((one) => one.tolerationSeconds)).to.deep.equal([300, 300]);
    expect(
      await refusal(admin.pods("none").create({ ...pod("x"), metadata: { name: "x", namespace: "none" } })),
    ).to.equal('namespaces "none" not found');
  });

  it("issues tokens that prove a service account until their pod is gone", async () => {
    const bound = await admin.pods("dev").create(pod("bound", { serviceAccountName: "web" }));
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name: "bound", uid: bound.metadata.uid };
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: { name: "web" },
      spec: { audiences: [], boundObjectRef },
    } as TokenRequest;
    const { status } = await admin.serviceaccounts("dev").sub<TokenRequest>("web", "token").create(request);
    const token = status?.token ?? "";
    const review = async () => {
      const object = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        metadata: { name: "" },
        spec: { token },
      };
      return (await reviews(admin, "authentication.k8s.io", "tokenreviews", "TokenReview").create(
        object,
      )) as unknown as TokenReview;
    };
    expect((await review()).status).to.deep.include({ authenticated: true });
    const client = cluster.withToken(token);
    expect(await refusal(client.pods("dev").list())).to.equal(
      'pods is forbidden: User "system:serviceaccount:dev:web" cannot list resource "pods" in API group "" in the namespace "dev"',
    );
    await admin.pods("dev").delete("bound", { gracePeriodSeconds: 0 });
    expect((await review()).status).to.deep.include({ authenticated: false });
    expect(await refusal(client.pods("dev").list())).to.equal("Unauthorized");
  });

  it("lets nobody give away rights that they do not hold", async () => {
    const rbac = "rbac.authorization.k8s.io";
    await admin
      .resource({
        group: rbac,
        version: "v1",
        resource: "clusterrolebindings",
        kind: "ClusterRoleBinding",
        namespaced: false,
      })
      .create({
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: "ann" },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "system:aggregate-to-admin" },
        subjects: [{ apiGroup: rbac, kind: "User", name: "ann" }],
      } as never);
    const ann = await cluster.as("CN=ann");
    const roles = ann.resource(
      { group: rbac, version: "v1", resource: "roles", kind: "Role", namespaced: true },
      "dev",
    );
    const role = (name: string, resource: string, apiGroup: string) =>
      ({
        apiVersion: `${rbac}/v1`,
        kind: "Role",
        metadata: { name, namespace: "dev" },
        rules: [{ apiGroups: [apiGroup], resources: [resource], verbs: ["get"] }],
      }) as never;
    await roles.create(role("same", "roles", rbac));
    expect(await refusal(roles.create(role("more", "secrets", "")))).to.contain(
      'is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    );
  });

  it("tells users what they may do", async () => {
    const ann = await cluster.as("CN=bob");
    const object = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      metadata: { name: "" },
      spec: { namespace: "dev" },
    };
    const { status } = (await reviews(
      ann,
      "authorization.k8s.io",
      "selfsubjectrulesreviews",
      "SelfSubjectRulesReview",
    ).create(object)) as unknown as SelfSubjectRulesReview;
    expect(status?.resourceRules.flatMap((rule) => rule.resources)).to.include("selfsubjectaccessreviews");
    expect(status?.incomplete).to.equal(false);
  });
});
