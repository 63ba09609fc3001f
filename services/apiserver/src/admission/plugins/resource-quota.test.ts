import type { ResourceQuota } from "@tskube/api";
import { conflict } from "@tskube/apimachinery";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { resourceQuota } from "./resource-quota.ts";

const quotas = { group: "", resource: "resourcequotas" };

function quota(hard: Record<string, string>, used?: Record<string, string>, spec: object = {}): ResourceQuota {
  return object<ResourceQuota>("ResourceQuota", "q", {
    spec: { hard, ...spec },
    ...(used ? { status: { hard, used } } : {}),
  });
}

const sized = (cpu: string, name = "web") =>
  podOf({ containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }] }, name);

async function usedOf(objects: FakeObjects): Promise<Record<string, string> | undefined> {
  return (await objects.get<ResourceQuota>(quotas, "dev", "q")).status?.used;
}

describe("ResourceQuota", () => {
  it("charges a pod before it is stored and refuses the one too many, in upstream's words", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ pods: "2", cpu: "1" }, { pods: "1", cpu: "500m" }));
    const plugin = resourceQuota(depsWith(objects));
    expect(await admit(plugin, write("pods", sized("400m")))).to.equal("");
    expect(await usedOf(objects)).to.deep.equal({ pods: "2", cpu: "900m" });
    expect(await admit(plugin, write("pods", sized("400m")))).to.equal(
      'pods "web" is forbidden: exceeded quota: q, requested: cpu=400m,pods=1, used: cpu=900m,pods=2, limited: cpu=1,pods=2',
    );
  });

  it("lets no two writers take the same last place", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ pods: "1" }, { pods: "0" }));
    const plugin = resourceQuota(depsWith(objects));
    const answers = await Promise.all(["a", "b", "c"].map((name) => admit(plugin, write("pods", sized("1", name)))));
    expect(answers.filter((answer) => answer === "")).to.have.length(1);
    expect(await usedOf(objects)).to.deep.equal({ pods: "1" });
  });

  it("reads again when another apiserver has charged meanwhile", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ pods: "5" }, { pods: "0" }));
    const { updateStatus } = objects;
    objects.updateStatus = async (resource, _namespace, { metadata: { name } }) => {
      objects.updateStatus = updateStatus.bind(objects);
      objects.put("resourcequotas", quota({ pods: "5" }, { pods: "3" }));
      throw conflict(resource, name, "stale");
    };
    expect(await admit(resourceQuota(depsWith(objects)), write("pods", podOf()))).to.equal("");
    expect(await usedOf(objects)).to.deep.equal({ pods: "4" });
  });

  it("counts what there is while no controller has filled the status", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ pods: "1" })).put("pods", podOf({}, "there"));
    expect(await admit(resourceQuota(depsWith(objects)), write("pods", podOf()))).to.contain(
      "used: pods=1, limited: pods=1",
    );
  });

  it("gives back what has been freed, but not right after a charge", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ pods: "1" }, { pods: "0" }));
    const deps = depsWith(objects);
    const plugin = resourceQuota(deps);
    expect(await admit(plugin, write("pods", podOf({}, "a")))).to.equal("");
    expect(await admit(plugin, write("pods", podOf({}, "b")))).to.contain("exceeded quota");
    await deps.clock.advance(5000);
    expect(await admit(plugin, write("pods", podOf({}, "b")))).to.equal("");
    objects.put("pods", podOf({}, "b"));
    await deps.clock.advance(5000);
    expect(await admit(plugin, write("pods", podOf({}, "c")))).to.contain("exceeded quota");
  });

  it("wants amounts stated that it bounds", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ "requests.cpu": "1", "limits.memory": "1Gi" }, {}));
    expect(await admit(resourceQuota(depsWith(objects)), write("pods", podOf()))).to.equal(
      'pods "web" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    );
  });

  it("charges nothing for dry runs and for updates that take no more", async () => {
    const objects = new FakeObjects().put("resourcequotas", quota({ pods: "5", cpu: "5" }, { pods: "1", cpu: "1" }));
    const plugin = resourceQuota(depsWith(objects));
    await admit(plugin, write("pods", sized("1"), { dryRun: true }));
    await admit(plugin, write("pods", sized("1"), { operation: "UPDATE", oldObject: sized("2") }));
    expect(await usedOf(objects)).to.deep.equal({ pods: "1", cpu: "1" });
  });

  const scoped: readonly [string, object, object, boolean][] = [
    ["BestEffort", { scopes: ["BestEffort"] }, {}, true],
    ["NotBestEffort", { scopes: ["NotBestEffort"] }, {}, false],
    ["Terminating", { scopes: ["Terminating"] }, { activeDeadlineSeconds: 1 }, true],
    [
      "a priority class",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } },
      { priorityClassName: "low" },
      false,
    ],
  ];
  for (const [scope, spec, pod, isCounted] of scoped) {
    it(`${isCounted ? "counts" : "does not count"} a pod by the scope ${scope}`, async () => {
      const objects = new FakeObjects().put("resourcequotas", quota({ pods: "0" }, { pods: "0" }, spec));
      const answer = await admit(resourceQuota(depsWith(objects)), write("pods", podOf(pod)));
      expect(answer !== "").to.equal(isCounted);
    });
  }

  it("counts services, claims and any kind by name", async () => {
    const hard = {
      "services.nodeports": "1",
      "requests.storage": "1Gi",
      "fast.storageclass.storage.k8s.io/requests.storage": "5Gi",
      "count/deployments.apps": "0",
    };
    const objects = new FakeObjects().put(
      "resourcequotas",
      quota(hard, { ...hard, "services.nodeports": "0", "requests.storage": "0" }),
    );
    const plugin = resourceQuota(depsWith(objects));
    const service = object("Service", "s", { spec: { type: "NodePort", ports: [{ port: 1 }, { port: 2 }] } });
    expect(await admit(plugin, write("services", service))).to.contain("requested: services.nodeports=2");
    const claim = object("PersistentVolumeClaim", "c", {
      spec: { storageClassName: "fast", resources: { requests: { storage: "2Gi" } } },
    });
    expect(await admit(plugin, write("persistentvolumeclaims", claim))).to.contain("requests.storage=2Gi");
    expect(await admit(plugin, write("deployments.apps", object("Deployment", "d")))).to.contain(
      "requested: count/deployments.apps=1",
    );
  });
});
