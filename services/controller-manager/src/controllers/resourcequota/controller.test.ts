import type { Pod, ResourceQuota } from "@tskube/api";
import { kinds, type ResourceInfo } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import type { Discovery } from "../../discovery/discover.ts";
import { resourceQuotaController } from "./controller.ts";

const syncPeriodMs = 300_000;
const widgets: ResourceInfo = {
  group: "example.com",
  version: "v1",
  resource: "widgets",
  kind: "Widget",
  namespaced: true,
};

describe("the resource quota controller", () => {
  let t: ControllerTest;
  /** What discovery says is served besides the kinds everybody knows. */
  let served: readonly ResourceInfo[];

  beforeEach(() => {
    t = controllerTest({ resources: [widgets] });
    served = [];
  });
  afterEach(() => t.stop());

  const discover = async (): Promise<Discovery> => ({
    resources: served.map((info) => ({ ...info, verbs: ["create", "delete", "list", "watch"] })),
    kinds: new Map(),
    failed: [],
  });
  const start = () => t.start(resourceQuotaController({ workers: 5, syncPeriodMs, discover }));
  const bound = (hard: Record<string, string>, name = "q") =>
    t.api.seed("ResourceQuota", { metadata: { name, namespace: "dev" }, spec: { hard } });
  const used = (name = "q") => t.api.get(kinds.ResourceQuota, `dev/${name}`)?.status?.used;
  const pod = (name: string) =>
    t.api.seed("Pod", {
      metadata: { name, namespace: "dev" },
      spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "100m" } } }] },
    } as unknown as Pod);

  it("fills the status of a new quota with what there is", async () => {
    pod("a");
    t.api.seed("ConfigMap", { metadata: { name: "c", namespace: "dev" } });
    t.api.seed("ConfigMap", { metadata: { name: "c", namespace: "other" } });
    bound({ pods: "5", cpu: "1", configmaps: "3", "count/deployments.apps": "2" });
    await start();
    await t.settle(1000);
    const { status } = t.api.get(kinds.ResourceQuota, "dev/q") as ResourceQuota;
    expect(status).to.deep.equal({
      hard: { pods: "5", cpu: "1", configmaps: "3", "count/deployments.apps": "2" },
      used: { pods: "1", cpu: "100m", configmaps: "1", "count/deployments.apps": "0" },
    });
  });

  it("gives back what is deleted or has ended, with one count for many", async () => {
    for (const name of ["a", "b", "c", "d"]) pod(name);
    bound({ pods: "5" });
    await start();
    await t.settle(1000);
    const before = t.api.writes().length;
    t.api.remove(kinds.Pod, "dev/a");
    t.api.remove(kinds.Pod, "dev/b");
    t.api.change("Pod", "dev/c", (one) => {
      one.status = { phase: "Succeeded" };
    });
    await t.settle(1000);
    expect(used()).to.deep.equal({ pods: "1" });
    expect(t.api.writes().slice(before)).to.deep.equal(["update resourcequotas/status dev/q"]);
  });

  it("follows a changed spec and forgets what is bounded no more", async () => {
    pod("a");
    bound({ pods: "5" });
    await start();
    await t.settle(1000);
    t.api.change("ResourceQuota", "dev/q", (quota) => {
      quota.spec = { hard: { services: "1" } };
    });
    await t.settle(1000);
    expect(used()).to.deep.equal({ services: "0" });
  });

  it("takes back a charge of which no object came, in time", async () => {
    bound({ pods: "5" });
    await start();
    await t.settle(1000);
    t.api.change("ResourceQuota", "dev/q", (quota) => {
      quota.status = { hard: { pods: "5" }, used: { pods: "1" } };
    });
    await t.settle(1000);
    expect(used()).to.deep.equal({ pods: "1" });
    await t.settle(syncPeriodMs);
    expect(used()).to.deep.equal({ pods: "0" });
  });

  it("counts custom resources as soon as they are served, and stops watching them when they are not", async () => {
    bound({ "count/widgets.example.com": "2", "count/unheard.of": "1" });
    await start();
    await t.settle(1000);
    expect(used()).to.deep.equal({});
    served = [widgets];
    await t.deps.client.resource(widgets, "dev").create({ metadata: { name: "w" } });
    await t.settle(31_000);
    expect(used()).to.deep.equal({ "count/widgets.example.com": "1" });
    await t.deps.client.resource(widgets, "dev").delete("w");
    await t.settle(1000);
    expect(used()).to.deep.equal({ "count/widgets.example.com": "0" });
    served = [];
    const before = t.api.watches.length;
    await t.settle(31_000);
    expect(t.api.watches.length).to.equal(before - 1);
  });
});
