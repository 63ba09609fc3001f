import type { Node } from "@tskube/api";
import { expect } from "chai";
import { BindingIndex } from "../../auth/rbac/binding-index.ts";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { clusterRole, rule } from "../../bootstrap/policy/build.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { alwaysPullImages } from "./always-pull-images.ts";
import { denyServiceExternalIps } from "./deny-service-external-ips.ts";
import { extendedResourceToleration } from "./extended-resource-toleration.ts";
import { ownerReferencesPermissionEnforcement } from "./owner-references-permission-enforcement.ts";
import { podTopologyLabels } from "./pod-topology-labels.ts";
import { rbacEscalation } from "./rbac-escalation.ts";

describe("PodTopologyLabels", () => {
  const node = {
    ...object<Node>("Node", "n1", {}, ""),
    metadata: { name: "n1", labels: { "topology.kubernetes.io/zone": "a", other: "b" } },
  };
  const plugin = podTopologyLabels(depsWith(new FakeObjects().put("nodes", node)));

  it("labels bindings and bound pods with the node's zone", async () => {
    const binding = object("Binding", "web", { target: { kind: "Node", name: "n1" } });
    await admit(plugin, write("pods/binding", binding));
    expect(binding.metadata.labels).to.deep.equal({ "topology.kubernetes.io/zone": "a" });
    const pod = podOf({ nodeName: "n1" });
    await admit(plugin, write("pods", pod));
    expect(pod.metadata.labels).to.deep.equal({ "topology.kubernetes.io/zone": "a" });
  });
});

describe("AlwaysPullImages", () => {
  it("makes every container ask the registry", async () => {
    const pod = podOf({ initContainers: [{ name: "i", image: "i", imagePullPolicy: "Never" }] });
    await admit(alwaysPullImages, write("pods", pod));
    expect([pod.spec.containers[0], pod.spec.initContainers?.[0]].map((one) => one?.imagePullPolicy)).to.deep.equal([
      "Always",
      "Always",
    ]);
  });
});

describe("DenyServiceExternalIPs", () => {
  const service = (...externalIPs: string[]) => object("Service", "s", { spec: { externalIPs } });

  it("lets services lose external addresses but gain none", async () => {
    expect(await admit(denyServiceExternalIps, write("services", service("1.2.3.4")))).to.contain(
      "Use of external IPs is denied",
    );
    const update = { operation: "UPDATE", oldObject: service("1.2.3.4", "5.6.7.8") } as const;
    expect(await admit(denyServiceExternalIps, write("services", service("1.2.3.4"), update))).to.equal("");
  });
});

describe("ExtendedResourceToleration", () => {
  it("lets pods onto nodes tainted by the hardware that they ask for", async () => {
    const pod = podOf({
      containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1", "example.com/gpu": "1" } } }],
    });
    await admit(extendedResourceToleration, write("pods", pod));
    expect(pod.spec.tolerations).to.deep.equal([{ key: "example.com/gpu", operator: "Exists" }]);
  });
});

describe("OwnerReferencesPermissionEnforcement", () => {
  const owned = () => {
    const pod = podOf();
    pod.metadata.ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u" }];
    return pod;
  };

  it("takes the right to delete an object to change its owners", async () => {
    const plugin = ownerReferencesPermissionEnforcement(depsWith(undefined, () => false));
    expect(await admit(plugin, write("pods", owned()))).to.contain(
      "cannot set an ownerRef on a resource you can't delete",
    );
    expect(await admit(plugin, write("pods", owned(), { operation: "UPDATE", oldObject: owned() }))).to.equal("");
  });
});

describe("RBACEscalation", () => {
  it("is a check of every write of roles and bindings where RBAC is on", async () => {
    const role = clusterRole("strong", [rule("get", "core", "secrets")]);
    const deps = depsWith(undefined, () => false);
    const attributes = write("clusterroles.rbac.authorization.k8s.io", role);
    expect(await admit(rbacEscalation({ ...deps, rbac: new BindingIndex() }), attributes)).to.contain(
      "permissions not currently held",
    );
    expect(await admit(rbacEscalation(deps), attributes)).to.equal("");
  });
});
