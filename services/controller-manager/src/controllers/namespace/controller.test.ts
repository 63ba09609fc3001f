import type { Namespace } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import type { Discovery } from "../../discovery/discover.ts";
import { aPod } from "../../testing/objects.ts";
import { namespaceController } from "./controller.ts";

const verbs = ["get", "list", "watch", "delete", "deletecollection"];
const discovery: Discovery = {
  resources: [kinds.ConfigMap, kinds.Pod, kinds.Node].map((info) => ({ ...info, verbs })),
  kinds: new Map(),
  failed: [],
};

describe("the namespace controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
    t.api.seed("Namespace", {
      metadata: { name: "going", deletionTimestamp: "2024-01-01T00:00:00Z" },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Terminating" },
    });
  });
  afterEach(() => t.stop());

  const start = (found: Discovery = discovery) =>
    t.start(namespaceController({ workers: 1, discover: async () => found }));
  const left = (info: (typeof kinds)["Pod" | "ConfigMap" | "Namespace"]) => t.api.store.list(info).length;
  const namespace = () => t.api.store.list(kinds.Namespace)[0] as unknown as Namespace | undefined;
  const condition = (type: string) => namespace()?.status?.conditions?.find((one) => one.type === type);

  it("deletes all content and lets the namespace go", async () => {
    t.api.seed("ConfigMap", { metadata: { name: "c", namespace: "going" } });
    t.api.seed("ConfigMap", { metadata: { name: "c", namespace: "default" } });
    t.api.seed("Pod", aPod("p", { metadata: { namespace: "going" } }));
    await start();
    await t.settle(60_000);
    expect([left(kinds.Pod), left(kinds.ConfigMap), left(kinds.Namespace)]).to.deep.equal([0, 1, 0]);
  });

  it("deletes nothing else while pods are there, and says what keeps it", async () => {
    t.api.seed("ConfigMap", { metadata: { name: "c", namespace: "going" } });
    t.api.seed("Pod", aPod("p", { metadata: { namespace: "going", finalizers: ["test/keep"] } }));
    await start();
    expect(left(kinds.ConfigMap)).to.equal(1);
    expect(condition("NamespaceContentRemaining")).to.include({
      status: "True",
      reason: "SomeResourcesRemain",
      message: "Some resources are remaining: pods. has 1 resource instances",
    });
    expect(condition("NamespaceFinalizersRemaining")?.message).to.equal(
      "Some content in the namespace has finalizers remaining: test/keep in 1 resource instances",
    );
  });

  it("waits for groups that cannot be asked", async () => {
    await start({ ...discovery, failed: ["metrics.k8s.io/v1"] });
    expect(condition("NamespaceDeletionDiscoveryFailure")).to.include({ status: "True", reason: "DiscoveryFailed" });
    expect(left(kinds.Namespace)).to.equal(1);
  });
});
