import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { defaultIngressClass } from "./default-ingress-class.ts";
import { defaultStorageClass } from "./default-storage-class.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { persistentVolumeClaimResize } from "./persistent-volume-claim-resize.ts";
import { priority } from "./priority.ts";
import { runtimeClass } from "./runtime-class.ts";
import { storageObjectInUseProtection } from "./storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";

function cluster(resource: string, ...objects: readonly ReturnType<typeof object>[]) {
  return depsWith(new FakeObjects().put(resource, ...objects));
}

const annotated = (kind: string, name: string, annotation: string, creationTimestamp: string) => ({
  ...object(kind, name, {}, ""),
  metadata: { name, creationTimestamp, annotations: { [annotation]: "true" } },
});

describe("DefaultTolerationSeconds", () => {
  const toleration = (key: string, tolerationSeconds: number) => ({
    key,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds,
  });

  it("adds both tolerations for 300 seconds, or as configured", async () => {
    const pod = podOf();
    await admit(defaultTolerationSeconds({}), write("pods", pod));
    expect(pod.spec.tolerations).to.deep.equal([
      toleration("node.kubernetes.io/not-ready", 300),
      toleration("node.kubernetes.io/unreachable", 300),
    ]);
    const brief = podOf();
    await admit(
      defaultTolerationSeconds({ notReadyTolerationSeconds: 5, unreachableTolerationSeconds: 6 }),
      write("pods", brief),
    );
    expect(brief.spec.tolerations?.map((one) => one.tolerationSeconds)).to.deep.equal([5, 6]);
  });

  it("respects tolerations that the pod brings", async () => {
    const pod = podOf({ tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }] });
    await admit(defaultTolerationSeconds({}), write("pods", pod));
    expect(pod.spec.tolerations).to.have.length(2);
    const all = podOf({ tolerations: [{ operator: "Exists" }] });
    await admit(defaultTolerationSeconds({}), write("pods", all));
    expect(all.spec.tolerations).to.have.length(1);
  });
});

describe("Priority", () => {
  const high = { ...object("PriorityClass", "high", { value: 1000, preemptionPolicy: "Never" }, "") };
  const plugin = priority(cluster("priorityclasses.scheduling.k8s.io", high));

  it("writes a class's value and policy into the pod, and zero without a class", async () => {
    const pod = podOf({ priorityClassName: "high" });
    expect(await admit(plugin, write("pods", pod))).to.equal("");
    expect(pod.spec).to.include({ priority: 1000, preemptionPolicy: "Never" });
    const plain = podOf();
    await admit(plugin, write("pods", plain));
    expect(plain.spec).to.include({ priority: 0, preemptionPolicy: "PreemptLowerPriority" });
  });

  it("refuses an unknown class and a number of the user's own", async () => {
    expect(await admit(plugin, write("pods", podOf({ priorityClassName: "none" })))).to.equal(
      'pods "web" is forbidden: no PriorityClass with name none was found',
    );
    expect(await admit(plugin, write("pods", podOf({ priority: 7 })))).to.contain(
      "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0",
    );
  });

  it("takes the default class, of which there can be one only", async () => {
    const standard = object("PriorityClass", "standard", { value: 5, globalDefault: true }, "");
    const withDefault = priority(cluster("priorityclasses.scheduling.k8s.io", standard));
    const pod = podOf();
    await admit(withDefault, write("pods", pod));
    expect(pod.spec).to.include({ priority: 5, priorityClassName: "standard" });
    const second = object("PriorityClass", "second", { value: 6, globalDefault: true }, "");
    expect(await admit(withDefault, write("priorityclasses.scheduling.k8s.io", second))).to.contain(
      "Only one default can exist",
    );
  });
});

describe("TaintNodesByCondition", () => {
  it("keeps pods from a new node until it is ready", async () => {
    const node = object<import("@tskube/api").Node>("Node", "n1", {}, "");
    await admit(taintNodesByCondition, write("nodes", node));
    expect(node.spec?.taints).to.deep.equal([{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
  });
});

describe("DefaultStorageClass and DefaultIngressClass", () => {
  it("choose the newest default class for those that name none", async () => {
    const annotation = "storageclass.kubernetes.io/is-default-class";
    const plugin = defaultStorageClass(
      cluster(
        "storageclasses.storage.k8s.io",
        annotated("StorageClass", "old", annotation, "2029-01-01T00:00:00Z"),
        annotated("StorageClass", "new", annotation, "2029-02-01T00:00:00Z"),
      ),
    );
    const claim = object("PersistentVolumeClaim", "c", { spec: {} });
    await admit(plugin, write("persistentvolumeclaims", claim));
    expect(claim).to.have.nested.property("spec.storageClassName", "new");
    const none = object("PersistentVolumeClaim", "c", { spec: { storageClassName: "" } });
    await admit(plugin, write("persistentvolumeclaims", none));
    expect(none).to.have.nested.property("spec.storageClassName", "");
  });

  it("do the same for ingresses", async () => {
    const annotation = "ingressclass.kubernetes.io/is-default-class";
    const plugin = defaultIngressClass(
      cluster(
        "ingressclasses.networking.k8s.io",
        annotated("IngressClass", "nginx", annotation, "2029-01-01T00:00:00Z"),
      ),
    );
    const ingress = object("Ingress", "i", { spec: {} });
    await admit(plugin, write("ingresses.networking.k8s.io", ingress));
    expect(ingress).to.have.nested.property("spec.ingressClassName", "nginx");
  });
});

describe("StorageObjectInUseProtection", () => {
  it("protects claims and volumes by a finalizer", async () => {
    const claim = object("PersistentVolumeClaim", "c");
    await admit(storageObjectInUseProtection, write("persistentvolumeclaims", claim));
    expect(claim.metadata.finalizers).to.deep.equal(["kubernetes.io/pvc-protection"]);
  });
});

describe("PersistentVolumeClaimResize", () => {
  const claim = (storage: string, phase = "Bound") =>
    object("PersistentVolumeClaim", "c", {
      spec: { storageClassName: "fast", resources: { requests: { storage } } },
      status: { phase },
    });
  const resize = (allowVolumeExpansion: boolean, phase?: string) =>
    admit(
      persistentVolumeClaimResize(
        cluster("storageclasses.storage.k8s.io", object("StorageClass", "fast", { allowVolumeExpansion }, "")),
      ),
      write("persistentvolumeclaims", claim("2Gi", phase), { operation: "UPDATE", oldObject: claim("1Gi", phase) }),
    );

  it("lets bound claims of an expandable class grow, and no others", async () => {
    expect(await resize(true)).to.equal("");
    expect(await resize(false)).to.contain("the storageclass that provisions the pvc must support resize");
    expect(await resize(true, "Pending")).to.contain("Only bound persistent volume claims can be expanded");
  });
});

describe("RuntimeClass", () => {
  const plugin = runtimeClass(
    cluster(
      "runtimeclasses.node.k8s.io",
      object(
        "RuntimeClass",
        "kata",
        { handler: "kata", overhead: { podFixed: { cpu: "250m" } }, scheduling: { nodeSelector: { vm: "yes" } } },
        "",
      ),
    ),
  );

  it("puts overhead and node selector into the pod", async () => {
    const pod = podOf({ runtimeClassName: "kata" });
    expect(await admit(plugin, write("pods", pod))).to.equal("");
    expect(pod.spec.overhead).to.deep.equal({ cpu: "250m" });
    expect(pod.spec.nodeSelector).to.deep.equal({ vm: "yes" });
  });

  it("refuses what contradicts the class", async () => {
    expect(await admit(plugin, write("pods", podOf({ runtimeClassName: "none" })))).to.contain(
      'RuntimeClass "none" not found',
    );
    expect(
      await admit(plugin, write("pods", podOf({ runtimeClassName: "kata", nodeSelector: { vm: "no" } }))),
    ).to.contain("conflict");
    expect(await admit(plugin, write("pods", podOf({ runtimeClassName: "kata", overhead: { cpu: "1" } })))).to.contain(
      "Overhead doesn't match",
    );
    expect(await admit(plugin, write("pods", podOf({ overhead: { cpu: "1" } })))).to.contain(
      "without corresponding RuntimeClass",
    );
  });
});
