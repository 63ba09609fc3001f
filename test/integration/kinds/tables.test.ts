import { expect } from "chai";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";

const asTable = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const mergePatch = { "content-type": "application/merge-patch+json" };
const namespace = "namespaces/default";

/** The columns that v1.35 shows for each resource, those of `-o wide` in brackets. */
const columns: Readonly<Record<string, string>> = {
  "/api/v1/configmaps": "Name Data Age",
  "/api/v1/endpoints": "Name Endpoints Age",
  "/api/v1/limitranges": "Name Created-At",
  "/api/v1/nodes":
    "Name Status Roles Age Version [Internal-IP] [External-IP] [OS-Image] [Kernel-Version] [Container-Runtime]",
  "/api/v1/persistentvolumes":
    "Name Capacity Access-Modes Reclaim-Policy Status Claim StorageClass VolumeAttributesClass Reason Age [VolumeMode]",
  "/api/v1/podtemplates": "Name Containers Images Pod-Labels",
  "/api/v1/resourcequotas": "Name Request Limit Age",
  "/api/v1/services": "Name Type Cluster-IP External-IP Port(s) Age [Selector]",
  "/apis/apps/v1/controllerrevisions": "Name Controller Revision Age",
  "/apis/apps/v1/deployments": "Name Ready Up-to-date Available Age [Containers] [Images] [Selector]",
  "/apis/autoscaling/v2/horizontalpodautoscalers": "Name Reference Targets MinPods MaxPods Replicas Age",
  "/apis/networking.k8s.io/v1/ipaddresses": "Name ParentRef",
  "/apis/networking.k8s.io/v1/servicecidrs": "Name CIDRs Age",
  "/apis/node.k8s.io/v1/runtimeclasses": "Name Handler Age",
  "/apis/resource.k8s.io/v1/resourceclaims": "Name State Age",
  "/apis/resource.k8s.io/v1/resourceslices": "Name Node Driver Pool Age",
  "/apis/storage.k8s.io/v1/csidrivers":
    "Name AttachRequired PodInfoOnMount StorageCapacity TokenRequests RequiresRepublish Modes Age",
  "/apis/storage.k8s.io/v1/csinodes": "Name Drivers Age",
  "/apis/storage.k8s.io/v1/csistoragecapacities": "Name StorageClassName Capacity",
  "/apis/storage.k8s.io/v1/volumeattachments": "Name Attacher PV Node Attached Age",
  "/apis/storagemigration.k8s.io/v1/storageversionmigrations": "Name Resource",
};

describe("tables of kinds", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  for (const [path, expected] of Object.entries(columns)) {
    it(`show ${path} as v1.35 does`, async () => {
      const { json } = await api.send("GET", path, undefined, asTable);
      const definitions = at(json, "columnDefinitions") as { name: string; priority: number }[];
      const shown = definitions.map(({ name, priority }) => {
        const word = name.replaceAll(" ", "-");
        return priority === 0 ? word : `[${word}]`;
      });
      expect(shown.join(" ")).to.equal(expected);
    });
  }

  it("say of a pod's row that the pod is over", async () => {
    const pods = `/api/v1/${namespace}/pods`;
    await api.send("POST", pods, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } });
    const rowOf = async () => at((await api.send("GET", `${pods}/p`, undefined, asTable)).json, "rows", 0);
    expect(await rowOf()).not.to.have.property("conditions");
    await api.send("PATCH", `${pods}/p/status`, { status: { phase: "Succeeded" } }, mergePatch);
    expect(at(await rowOf(), "conditions")).to.deep.equal([
      { type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." },
    ]);
  });
});
