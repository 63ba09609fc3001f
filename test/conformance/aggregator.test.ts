import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { group, version } from "../integration/aggregation/flunders.ts";
import {
  type AggregatingServer,
  anApiService,
  apiServiceName,
  apiServicePath,
  openAggregatingServer,
} from "../integration/aggregation/open-aggregating-server.ts";
import { SampleServer } from "../integration/aggregation/sample-server.ts";
import { at, type Json } from "../integration/apiserver/open-test-server.ts";
import { succeed } from "./check-operations.ts";
import { type Api, withNamespaces } from "./open-api.ts";

const namespace = "aggregator";
const service = "sample-api";
const apiService = `${apiServicePath}/${apiServiceName}`;
const flunders = `/apis/${group}/${version}/namespaces/default/flunders`;
const mergePatch = { "content-type": "application/merge-patch+json" };
const applied = { "content-type": "application/apply-patch+yaml" };
const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Every group version that upstream looks for, with one of its resources. */
const expected: readonly (readonly [string, string, string])[] = [
  ["", "v1", "namespaces"],
  ["admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"],
  ["apiextensions.k8s.io", "v1", "customresourcedefinitions"],
  ["apiregistration.k8s.io", "v1", "apiservices"],
  ["apps", "v1", "deployments"],
  ["authentication.k8s.io", "v1", "tokenreviews"],
  ["authorization.k8s.io", "v1", "selfsubjectaccessreviews"],
  ["autoscaling", "v1", "horizontalpodautoscalers"],
  ["autoscaling", "v2", "horizontalpodautoscalers"],
  ["batch", "v1", "jobs"],
  ["certificates.k8s.io", "v1", "certificatesigningrequests"],
  ["coordination.k8s.io", "v1", "leases"],
  ["discovery.k8s.io", "v1", "endpointslices"],
  ["events.k8s.io", "v1", "events"],
  ["networking.k8s.io", "v1", "ingresses"],
  ["node.k8s.io", "v1", "runtimeclasses"],
  ["policy", "v1", "poddisruptionbudgets"],
  ["scheduling.k8s.io", "v1", "priorityclasses"],
  ["storage.k8s.io", "v1", "csinodes"],
];

describe("conformance: aggregation", function () {
  this.timeout(20_000);
  let server: AggregatingServer;
  let api: Api;
  let sample: SampleServer;

  before(async () => {
    server = await openAggregatingServer();
    api = withNamespaces(server);
    const serverName = `${service}.${namespace}.svc`;
    sample = await SampleServer.start({ frontProxyCa: server.frontProxy.ca, serverName });
  });
  after(async () => {
    await api.close();
    await sample.stop();
  });

  const names = (list: Json) => (at(list, "items") as Json[]).map((item) => at(item, "metadata", "name"));

  /** As a client that knows nothing of the group but its name. */
  async function discover(wanted: readonly [string, string, string]): Promise<void> {
    const [wantedGroup, wantedVersion, resource] = wanted;
    const { json } = await api.send("GET", wantedGroup === "" ? "/api" : "/apis", undefined, { accept });
    const found = (at(json, "items") as Json[]).find((item) => (at(item, "metadata", "name") ?? "") === wantedGroup);
    const versions = (found ? at(found, "versions") : []) as Json[];
    const one = versions.find((item) => at(item, "version") === wantedVersion);
    const resources = ((one ? at(one, "resources") : []) as Json[]).map((item) => at(item, "resource"));
    expect(resources, wanted.join(" ")).to.include(resource);
  }

  it("[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]", async () => {
    for (const wanted of expected) await discover(wanted);
  });

  it("[sig-api-machinery] Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator [LinuxOnly] [Conformance]", async () => {
    await server.publish(sample, namespace, service);
    const labelled = {
      ...anApiService(sample, namespace, service),
      metadata: { name: apiServiceName, labels: { e2e: "x" } },
    };
    await succeed(api, 201, "POST", apiServicePath, labelled);
    await eventually(() => succeed(api, 200, "GET", flunders), 10_000, 20);

    const flunder = { apiVersion: `${group}/${version}`, kind: "Flunder", metadata: { name: "rest-flunder" } };
    await succeed(api, 201, "POST", flunders, flunder);
    expect(names(await succeed(api, 200, "GET", flunders))).to.deep.equal(["rest-flunder"]);
    await succeed(api, 200, "DELETE", `${flunders}/rest-flunder`);
    expect(names(await succeed(api, 200, "GET", flunders))).to.deep.equal([]);
    await eventually(() => discover([group, version, "flunders"]), 10_000, 20);

    const read = await succeed(api, 200, "GET", `${apiService}/status`);
    expect(at(read, "status", "conditions", 0)).to.deep.include({
      type: "Available",
      status: "True",
      reason: "Passed",
    });
    const patched = await api.send("PATCH", apiService, { spec: { versionPriority: 400 } }, mergePatch);
    expect(at(patched.json, "spec", "versionPriority")).to.equal(400);
    expect(names(await succeed(api, 200, "GET", apiServicePath))).to.include(apiServiceName);
    await changeStatus();
    await replace();
    await apply();

    await succeed(api, 200, "DELETE", `${apiServicePath}?labelSelector=e2e%3Dx`);
    expect((await api.send("GET", apiService)).status).to.equal(404);
    expect((await api.send("GET", flunders)).status).to.equal(404);
  });

  async function changeStatus(): Promise<void> {
    const updated = {
      type: "StatusUpdated",
      status: "True",
      reason: "E2E",
      message: "Set from e2e test",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    const conditions = await eventually(async () => {
      const current = await succeed(api, 200, "GET", apiService);
      const wanted = [...(at(current, "status", "conditions") as Json[]), updated];
      const status = { conditions: wanted };
      const written = await succeed(api, 200, "PUT", `${apiService}/status`, { ...current, status });
      expect(at(written, "status", "conditions")).to.deep.equal(wanted);
      return wanted;
    });
    const patch = { status: { conditions: [...conditions, { ...updated, type: "StatusPatched" }] } };
    const patched = await api.send("PATCH", `${apiService}/status`, patch, mergePatch);
    expect(at(patched.json, "status", "conditions", 2, "type")).to.equal("StatusPatched");
  }

  async function replace(): Promise<void> {
    const replaced = await eventually(async () => {
      const current = (await succeed(api, 200, "GET", apiService)) as { metadata: object };
      const metadata = { ...current.metadata, annotations: { replaced: "true" } };
      return succeed(api, 200, "PUT", apiService, { ...current, metadata });
    });
    expect(at(replaced, "metadata", "annotations", "replaced")).to.equal("true");
  }

  async function apply(): Promise<void> {
    const object = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: apiServiceName, annotations: { applied: "true" } },
    };
    const { status, json } = await api.send("PATCH", `${apiService}?fieldManager=e2e`, object, applied);
    expect([status, at(json, "metadata", "annotations", "applied")]).to.deep.equal([200, "true"]);
  }
});
