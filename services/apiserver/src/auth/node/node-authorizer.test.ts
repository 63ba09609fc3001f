import type { KubeObject, Pod } from "@tskube/api";
import { expect } from "chai";
import { ask, nodeUser, userNamed } from "../testing/ask.ts";
import { FakeObjects } from "../testing/fake-objects.ts";
import { startNodeAuthorizer } from "./node-authorizer.ts";

function pod(name: string, nodeName: string, spec: Partial<Pod["spec"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "dev" },
    spec: { containers: [{ name: "c", image: "i" }], serviceAccountName: "default", nodeName, ...spec },
  } as Pod;
}

const web = pod("web", "n1", {
  containers: [
    {
      name: "c",
      image: "i",
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "env", key: "a" } } }],
      envFrom: [{ configMapRef: { name: "settings" } }],
    },
  ],
  imagePullSecrets: [{ name: "pull" }],
  volumes: [
    { name: "a", secret: { secretName: "mounted" } },
    {
      name: "b",
      projected: { sources: [{ configMap: { name: "kube-root-ca.crt" } }, { secret: { name: "projected" } }] },
    },
    { name: "d", persistentVolumeClaim: { claimName: "data" } },
  ],
});

const volume = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "pv" },
  spec: {
    claimRef: { namespace: "dev", name: "data" },
    csi: { driver: "d", volumeHandle: "h", nodeStageSecretRef: { name: "stage", namespace: "storage" } },
  },
} as KubeObject;

const attachment = {
  apiVersion: "storage.k8s.io/v1",
  kind: "VolumeAttachment",
  metadata: { name: "va" },
  spec: { attacher: "d", nodeName: "n1", source: {} },
} as KubeObject;

describe("NodeAuthorizer", () => {
  const objects = new FakeObjects()
    .put(
      "pods",
      web,
      pod("other", "n2", { imagePullSecrets: [{ name: "theirs" }] }),
      pod("waiting", "", { imagePullSecrets: [{ name: "later" }] }),
    )
    .put("persistentvolumes", volume)
    .put("volumeattachments.storage.k8s.io", attachment);
  const authorizer = startNodeAuthorizer(objects);
  after(() => authorizer.close());

  const own: readonly string[] = [
    "get secrets dev/env",
    "watch secrets dev/mounted",
    "list secrets dev/projected",
    "get secrets dev/pull",
    "get secrets storage/stage",
    "get configmaps dev/settings",
    "watch configmaps dev/kube-root-ca.crt",
    "get persistentvolumeclaims dev/data",
    "patch persistentvolumeclaims/status dev/data",
    "get persistentvolumes /pv",
    "get volumeattachments.storage.k8s.io /va",
    "create serviceaccounts/token dev/default",
    "get pods dev/web",
    "create pods dev",
    "delete pods dev/web",
    "patch pods/status dev/web",
    "get nodes /n1",
    "create nodes",
    "patch nodes/status /n1",
    "update leases.coordination.k8s.io kube-node-lease/n1",
    "create leases.coordination.k8s.io kube-node-lease",
    "get csinodes.storage.k8s.io /n1",
    "list services",
    "create events dev",
    "create tokenreviews.authentication.k8s.io",
    "create certificatesigningrequests.certificates.k8s.io",
    "list runtimeclasses.node.k8s.io",
  ];
  for (const question of own) {
    it(`lets a node ${question}`, () => {
      expect(authorizer.authorize(ask(nodeUser("n1"), question))).to.deep.equal({ allowed: true, reason: "" });
    });
  }

  const unrelated = "no relationship found between node 'n1' and this object";
  const foreign: readonly [string, string][] = [
    ["get secrets dev/theirs", unrelated],
    ["get secrets dev/later", unrelated],
    ["get secrets prod/env", unrelated],
    ["list secrets dev", "No Object name found"],
    ["list secrets", "can only read namespaced object of this type"],
    ["update secrets dev/env", "can only read resources of this type"],
    ["get configmaps dev/other", unrelated],
    ["list persistentvolumeclaims dev/data", "can only get individual resources of this type"],
    ["create serviceaccounts/token dev/admin", unrelated],
    ["create serviceaccounts/token dev", "can only create tokens for individual service accounts"],
    ["get pods dev/other", unrelated],
    ["list pods", "can only list/watch pods with spec.nodeName field selector"],
    ["create pods/exec dev/other", ""],
    ["get nodes /n2", "node 'n1' cannot read 'n2', only its own Node object"],
    ["list nodes", "node 'n1' cannot read all nodes, only its own Node object"],
    ["delete nodes /n1", ""],
    [
      "get leases.coordination.k8s.io kube-node-lease/n2",
      "can only access node lease with the same name as the requesting node",
    ],
    [
      "get leases.coordination.k8s.io kube-system/n1",
      'can only access leases in the "kube-node-lease" system namespace',
    ],
    ["list deployments.apps", ""],
    ["get /metrics", ""],
  ];
  for (const [question, reason] of foreign) {
    it(`does not let a node ${question}`, () => {
      expect(authorizer.authorize(ask(nodeUser("n1"), question))).to.deep.equal({
        allowed: false,
        denied: false,
        reason,
      });
    });
  }

  it("lets a node list and watch the pods bound to it, by field selector", () => {
    const list = (fieldSelector: string) =>
      authorizer.authorize(ask(nodeUser("n1"), "watch pods", { fieldSelector })).allowed;
    expect(list("spec.nodeName=n1")).to.equal(true);
    expect(list("spec.nodeName=n2")).to.equal(false);
    // All pods but those of a phase that does not exist, whatever stands in its name.
    expect(list("status.phase!=x\\,spec.nodeName=n1")).to.equal(false);
  });

  it("has no opinion on users that are no nodes", () => {
    expect(authorizer.authorize(ask(userNamed("ann", "system:nodes"), "get nodes /n1")).allowed).to.equal(false);
    expect(authorizer.authorize(ask(userNamed("system:node:n1"), "get nodes /n1")).allowed).to.equal(false);
  });

  it("follows pods that come, move on and go", async () => {
    const question = ask(nodeUser("n3"), "get secrets dev/theirs");
    const pods = { group: "", resource: "pods" };
    expect(authorizer.authorize(question).allowed).to.equal(false);
    await objects.create(pods, "dev", pod("late", "n3", { imagePullSecrets: [{ name: "theirs" }] }));
    await objects.create(pods, "dev", pod("later", "n3", { imagePullSecrets: [{ name: "theirs" }] }));
    await objects.delete(pods, "dev", "late");
    expect(authorizer.authorize(question).allowed).to.equal(true);
    await objects.delete(pods, "dev", "later");
    expect(authorizer.authorize(question).allowed).to.equal(false);
  });

  it("gives a mirror pod's references to nobody", async () => {
    const mirror = pod("mirror", "n1", { imagePullSecrets: [{ name: "wanted" }] });
    mirror.metadata.annotations = { "kubernetes.io/config.mirror": "x" };
    objects.put("pods", mirror);
    expect(authorizer.authorize(ask(nodeUser("n1"), "get secrets dev/wanted")).allowed).to.equal(false);
  });
});
