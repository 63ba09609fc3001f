import type { Node } from "@tskube/api";
import { expect } from "chai";
import { nodeUser } from "../../auth/testing/ask.ts";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { makeRequest } from "../../auth/testing/make-certificates.ts";
import { admit, depsWith, object, podOf, type RecordedWrite, write } from "../testing/write.ts";
import { nodeRestriction } from "./node-restriction.ts";

const user = nodeUser("n1");
const running = (name: string, nodeName: string) => {
  const pod = podOf({ nodeName }, name);
  return { ...pod, metadata: { ...pod.metadata, uid: `${name}-uid` } };
};
const [mine, theirs] = [running("mine", "n1"), running("theirs", "n2")];
const objects = new FakeObjects()
  .put("pods", mine, theirs)
  .put("nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "n1", uid: "n1-uid" } });
const plugin = nodeRestriction(depsWith(objects));

function node(name: string, labels: Record<string, string> = {}, spec: Node["spec"] = {}): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec } as Node;
}

function mirror(spec: object = { nodeName: "n1" }) {
  const pod = podOf(spec, "static");
  pod.metadata.annotations = { "kubernetes.io/config.mirror": "x" };
  pod.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "n1", uid: "n1-uid", controller: true }];
  return pod;
}

function lease(name: string, namespace = "kube-node-lease") {
  return object("Lease", name, {}, namespace);
}

function token(boundObjectRef?: object) {
  return write(
    "serviceaccounts/token",
    object("TokenRequest", "default", { spec: { audiences: [], boundObjectRef } }),
    { user },
  );
}
const podRef = { apiVersion: "v1", kind: "Pod" };
const update = { operation: "UPDATE", user } as const;

const cases: readonly [string, RecordedWrite, string][] = [
  ["create a mirror pod of itself", write("pods", mirror(), { user }), ""],
  [
    "create an ordinary pod",
    write("pods", podOf({ nodeName: "n1" }), { user }),
    'node "n1" can only create mirror pods',
  ],
  [
    "create a mirror pod elsewhere",
    write("pods", mirror({ nodeName: "n2" }), { user }),
    "can only create pods with spec.nodeName set to itself",
  ],
  [
    "create a mirror pod with a service account",
    write("pods", mirror({ nodeName: "n1", serviceAccountName: "a" }), { user }),
    "can not create pods that reference a service account",
  ],
  [
    "create a mirror pod with secrets",
    write("pods", mirror({ nodeName: "n1", volumes: [{ name: "v", secret: { secretName: "s" } }] }), { user }),
    "can not create pods that reference secrets",
  ],
  [
    "create a mirror pod without owner's truth",
    write(
      "pods",
      {
        ...mirror(),
        metadata: {
          ...mirror().metadata,
          ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n2", uid: "x", controller: true }],
        },
      },
      { user },
    ),
    "can only create pods with an owner reference set to itself",
  ],
  ["delete its pod", write("pods", undefined, { operation: "DELETE", user, oldObject: mine }), ""],
  [
    "delete another node's pod",
    write("pods", undefined, { operation: "DELETE", user, oldObject: theirs }),
    'node "n1" can only delete pods with spec.nodeName set to itself',
  ],
  ["report its pod", write("pods/status", mine, { ...update, oldObject: mine }), ""],
  [
    "report another node's pod",
    write("pods/status", theirs, { ...update, oldObject: theirs }),
    "can only update pod status for pods with spec.nodeName set to itself",
  ],
  [
    "change labels through status",
    write(
      "pods/status",
      { ...mine, metadata: { ...mine.metadata, labels: { a: "b" } } },
      { ...update, oldObject: mine },
    ),
    "cannot update labels through pod status",
  ],
  [
    "evict another node's pod",
    write("pods/eviction", object("Eviction", "theirs"), { user }),
    "can only evict pods with spec.nodeName set to itself",
  ],
  [
    "create its node",
    write("nodes", node("n1", { "kubernetes.io/hostname": "n1", "example.com/a": "b" }), { user }),
    "",
  ],
  ["create another node", write("nodes", node("n2"), { user }), 'node "n1" is not allowed to modify node "n2"'],
  [
    "label itself as it likes",
    write("nodes", node("n1", { "node-role.kubernetes.io/control-plane": "" }), { user }),
    "is not allowed to set the following labels: node-role.kubernetes.io/control-plane",
  ],
  [
    "set a restricted label later",
    write("nodes", node("n1", { "node-restriction.kubernetes.io/a": "b" }), { ...update, oldObject: node("n1") }),
    "is not allowed to modify labels: node-restriction.kubernetes.io/a",
  ],
  [
    "take its taints away",
    write("nodes", node("n1"), {
      ...update,
      oldObject: node("n1", {}, { taints: [{ key: "a", effect: "NoExecute" }] }),
    }),
    'node "n1" is not allowed to modify taints',
  ],
  ["renew its lease", write("leases.coordination.k8s.io", lease("n1"), update), ""],
  [
    "renew another's lease",
    write("leases.coordination.k8s.io", lease("n2"), update),
    "can only access node lease with the same name as the requesting node",
  ],
  [
    "take a lease elsewhere",
    write("leases.coordination.k8s.io", lease("n1", "kube-system"), { user }),
    'can only access leases in the "kube-node-lease" system namespace',
  ],
  ["get a token for its pod", token({ ...podRef, name: "mine", uid: "mine-uid" }), ""],
  ["get a token for nothing", token(), "node requested token not bound to a pod"],
  [
    "get a token without uid",
    token({ ...podRef, name: "mine" }),
    "node requested token with a pod binding without a uid",
  ],
  [
    "get a token for another node's pod",
    token({ ...podRef, name: "theirs", uid: "theirs-uid" }),
    "node requested token bound to a pod scheduled on a different node",
  ],
  [
    "get a token for an earlier pod",
    token({ ...podRef, name: "mine", uid: "old" }),
    "does not match the UID in record",
  ],
];

describe("NodeRestriction", () => {
  for (const [what, attributes, message] of cases) {
    it(`${message ? "does not let" : "lets"} a node ${what}`, async () => {
      const answer = await admit(plugin, attributes);
      if (message) expect(answer).to.contain(message);
      else expect(answer).to.equal("");
    });
  }

  it("lets a node ask for certificates of its own name alone", async () => {
    const ask = async (commonName: string) => {
      const request = await makeRequest(`CN=${commonName}, O=system:nodes`);
      const signerName = "kubernetes.io/kubelet-serving";
      const csr = object("CertificateSigningRequest", "r", { spec: { signerName, request, usages: [] } }, "");
      return admit(plugin, write("certificatesigningrequests.certificates.k8s.io", csr, { user }));
    };
    expect(await ask("system:node:n1")).to.equal("");
    expect(await ask("system:node:n2")).to.contain("can only create a node CSR with CN=system:node:n1");
  });

  it("does not concern others", () => {
    expect(plugin.handles(write("nodes", node("n2")))).to.equal(false);
  });
});
