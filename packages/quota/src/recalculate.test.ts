import type { KubeObject, ResourceQuota } from "@tskube/api";
import { formatGroupResource } from "@tskube/apimachinery";
import { expect } from "chai";
import { recalculate } from "./recalculate.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

const object = (more: object): KubeObject => ({ metadata: { name: "x" }, ...more }) as unknown as KubeObject;
const pod = (spec: object, more: object = {}) => object({ spec: { containers: [], ...spec }, ...more });
const sized = (cpu: string, more: object = {}) =>
  pod({ containers: [{ name: "c", resources: { requests: { cpu }, limits: { cpu } } }] }, more);

/** The use of a quota that bounds `names`, among `objects` by resource. */
function usedOf(
  names: readonly string[],
  objects: Record<string, readonly KubeObject[]>,
  more: { spec?: object; used?: Record<string, string> } = {},
) {
  const hard = Object.fromEntries(names.map((name) => [name, "10"]));
  const quota = object({ spec: { hard, ...more.spec }, status: { used: more.used ?? {} } }) as ResourceQuota;
  return recalculate(quota, (resource) => objects[formatGroupResource(resource)], nowMs).used;
}

describe("recalculate", () => {
  it("sums what pods ask for, by all names, and leaves ended and lost ones out of it", () => {
    const pods = [
      sized("500m"),
      sized("1"),
      sized("4", { status: { phase: "Succeeded" } }),
      sized("4", {
        metadata: { name: "lost", deletionTimestamp: "2025-12-31T23:59:00Z", deletionGracePeriodSeconds: 30 },
      }),
    ];
    expect(usedOf(["pods", "count/pods", "cpu", "requests.cpu", "limits.cpu", "memory"], { pods })).to.deep.equal({
      pods: "2",
      "count/pods": "4",
      cpu: "1500m",
      "requests.cpu": "1500m",
      "limits.cpu": "1500m",
      memory: "0",
    });
  });

  it("counts extended resources and huge pages of pods", () => {
    const requests = { "example.com/dongle": "2", "hugepages-2Mi": "4Mi" };
    const pods = [pod({ containers: [{ name: "c", resources: { requests, limits: requests } }] })];
    expect(usedOf(["requests.example.com/dongle", "hugepages-2Mi"], { pods })).to.deep.equal({
      "requests.example.com/dongle": "2",
      "hugepages-2Mi": "4Mi",
    });
  });

  it("counts services by what they take", () => {
    const service = (spec: object) => object({ spec });
    const services = [
      service({ type: "ClusterIP", ports: [{}] }),
      service({ type: "NodePort", ports: [{}, {}] }),
      service({ type: "LoadBalancer", ports: [{}] }),
      service({ type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ nodePort: 30000 }, {}] }),
    ];
    expect(usedOf(["services", "services.nodeports", "services.loadbalancers"], { services })).to.deep.equal({
      services: "4",
      "services.nodeports": "4",
      "services.loadbalancers": "2",
    });
  });

  it("counts claims by class, and what a failed expansion still holds", () => {
    const claims = [
      object({ spec: { storageClassName: "gold", resources: { requests: { storage: "1Gi" } } } }),
      object({
        spec: { resources: { requests: { storage: "1Gi" } } },
        status: { allocatedResources: { storage: "3Gi" } },
      }),
    ];
    const gold = "gold.storageclass.storage.k8s.io/";
    const names = [
      "persistentvolumeclaims",
      "requests.storage",
      `${gold}requests.storage`,
      `${gold}persistentvolumeclaims`,
    ];
    expect(usedOf(names, { persistentvolumeclaims: claims })).to.deep.equal({
      persistentvolumeclaims: "2",
      "requests.storage": "4Gi",
      [`${gold}requests.storage`]: "1Gi",
      [`${gold}persistentvolumeclaims`]: "1",
    });
  });

  it("counts the devices of claims, the costliest of alternatives", () => {
    const requests = [
      { name: "a", exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", count: 2 } },
      {
        name: "b",
        firstAvailable: [
          { name: "x", deviceClassName: "gpu", count: 3 },
          { name: "y", deviceClassName: "nic", allocationMode: "All" },
        ],
      },
    ];
    const claims = [object({ spec: { devices: { requests } } })];
    const names = ["gpu.deviceclass.resource.k8s.io/devices", "nic.deviceclass.resource.k8s.io/devices"];
    expect(usedOf(names, { "resourceclaims.resource.k8s.io": claims })).to.deep.equal({
      [names[0] as string]: "5",
      [names[1] as string]: "32",
    });
  });

  it("counts any kind by its resource, and keeps what it cannot count", () => {
    const used = { "count/widgets.example.com": "7", "count/gone.example.com": "3" };
    const objects = { "deployments.apps": [object({}), object({})], secrets: [object({})] };
    const names = ["count/deployments.apps", "secrets", "count/widgets.example.com", "unheard.of/thing"];
    expect(usedOf(names, objects, { used })).to.deep.equal({
      "count/deployments.apps": "2",
      secrets: "1",
      "count/widgets.example.com": "7",
    });
  });

  const scopes: readonly [string, object, string][] = [
    ["terminating pods", { scopes: ["Terminating"] }, "1"],
    ["pods that do not terminate", { scopes: ["NotTerminating"] }, "2"],
    ["best-effort pods", { scopes: ["BestEffort"] }, "2"],
    ["pods with stated needs that do not terminate", { scopes: ["NotBestEffort", "NotTerminating"] }, "1"],
    [
      "pods of a priority class",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } },
      "1",
    ],
    [
      "pods without any",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "DoesNotExist" }] } },
      "2",
    ],
  ];
  for (const [what, spec, count] of scopes) {
    it(`counts ${what} by scope`, () => {
      const pods = [sized("1"), pod({ activeDeadlineSeconds: 5 }), pod({ priorityClassName: "high" })];
      expect(usedOf(["pods"], { pods }, { spec })).to.deep.equal({ pods: count });
    });
  }

  it("counts claims of a class of volume attributes by scope", () => {
    const claims = [object({ spec: { volumeAttributesClassName: "fast" } }), object({ spec: {} })];
    const spec = { scopeSelector: { matchExpressions: [{ scopeName: "VolumeAttributesClass", operator: "Exists" }] } };
    expect(usedOf(["persistentvolumeclaims"], { persistentvolumeclaims: claims }, { spec })).to.deep.equal({
      persistentvolumeclaims: "1",
    });
  });
});
