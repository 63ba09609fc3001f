import type { EndpointSlice } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aNode, aPod, aService } from "../../testing/objects.ts";
import { endpointSliceController } from "./controller.ts";

describe("the endpoint slice controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = (maxPerSlice = 100) => t.start(endpointSliceController({ workers: 1, maxPerSlice }));
  const slices = () => t.api.store.list(kinds.EndpointSlice).map((slice) => slice as unknown as EndpointSlice);
  const conditions = () => slices().flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.conditions));

  it("writes ready and unready pods with their nodes and zones", async () => {
    t.api.seed("Service", aService());
    const node = aNode("n1");
    node.metadata.labels = { "topology.kubernetes.io/zone": "a" };
    t.api.seed("Node", node);
    t.api.seed("Pod", aPod("one", { node: "n1", ip: "10.244.0.1", ready: true }));
    await start();
    const [slice] = slices();
    expect(slice?.metadata.labels).to.deep.equal({
      "kubernetes.io/service-name": "web",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
    expect(slice?.ports).to.deep.equal([{ name: "", protocol: "TCP", port: 8080 }]);
    expect(slice?.endpoints[0]).to.deep.include({
      addresses: ["10.244.0.1"],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: "n1",
      zone: "a",
    });
    expect(slice?.endpoints[0]?.targetRef).to.include({ kind: "Pod", name: "one" });
  });

  it("follows a pod that stops being ready and one that terminates", async () => {
    t.api.seed("Service", aService());
    const deletionTimestamp = "2024-01-01T00:00:00Z";
    t.api.seed(
      "Pod",
      aPod("one", { ip: "10.244.0.1", ready: true, metadata: { deletionTimestamp, finalizers: ["test/keep"] } }),
    );
    t.api.seed("Pod", aPod("two", { ip: "10.244.0.2", ready: true }));
    await start();
    t.api.change("Pod", "default/two", ({ status }) => {
      for (const condition of status?.conditions ?? []) condition.status = "False";
    });
    await t.settle();
    expect(conditions()).to.deep.include({ ready: false, serving: false, terminating: false });
    expect(conditions().filter((one) => one?.ready)).to.have.length(0);
  });

  it("publishes pods that are not ready where the service wants it, and marks headless ones", async () => {
    t.api.seed("Service", aService({ publishNotReadyAddresses: true, clusterIP: "None" }));
    t.api.seed("Pod", aPod("one", { ip: "10.244.0.1" }));
    await start();
    expect(conditions()).to.deep.equal([{ ready: true, serving: false, terminating: false }]);
    expect(slices()[0]?.metadata.labels).to.include({ "service.kubernetes.io/headless": "" });
  });

  it("fills slices up to their limit and removes the ones left empty", async () => {
    t.api.seed("Service", aService());
    for (let n = 1; n <= 5; n++) t.api.seed("Pod", aPod(`p${n}`, { ip: `10.244.0.${n}`, ready: true }));
    await start(2);
    expect(slices().map(({ endpoints }) => endpoints.length)).to.have.members([2, 2, 1]);
    for (const n of [1, 2, 3]) await t.deps.client.pods("default").delete(`p${n}`, { gracePeriodSeconds: 0 });
    await t.settle();
    expect(slices().flatMap(({ endpoints }) => endpoints)).to.have.length(2);
  });

  it("writes nothing when nothing changes for endpoints", async () => {
    t.api.seed("Service", aService());
    t.api.seed("Pod", aPod("one", { ip: "10.244.0.1", ready: true }));
    await start();
    const before = t.api.writes().length;
    t.api.change("Pod", "default/one", ({ metadata }) => {
      metadata.annotations = { any: "thing" };
    });
    await t.settle();
    expect(t.api.writes()).to.have.length(before);
  });
});
