import { expect } from "chai";
import { at, openTestServer, podOf, type TestServer } from "../apiserver/open-test-server.ts";
import { configurationOf, type Hook, mergePatch, ruleFor, withWebhooks } from "./configure.ts";
import { type AdmissionReview, AdmissionWebhooks, patched, refused } from "./webhook-server.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";

describe("admission webhooks", () => {
  let api: TestServer;
  let webhooks: AdmissionWebhooks;

  before(async () => {
    webhooks = await AdmissionWebhooks.open({
      "/refuse": () => refused("no"),
      "/coded": () => ({ allowed: false, status: { code: 418, reason: "Teapot", message: "short and stout" } }),
      "/label": () => patched({ op: "add", path: "/metadata/labels", value: { from: "webhook" } }),
      "/cpu": () => patched({ op: "replace", path: "/spec/targetCPUUtilizationPercentage", value: 42 }),
      "/replicas": () => patched({ op: "replace", path: "/spec/replicas", value: 7 }),
      "/warn": () => ({ warnings: ["mind the gap", "mind the gap"] }),
      "/bad-patch": () => patched({ op: "replace", path: "/nothing/here", value: 1 }),
    });
    api = await openTestServer();
  });
  after(async () => {
    await api?.close();
    webhooks?.close();
  });
  beforeEach(() => {
    webhooks.asked.length = 0;
  });

  const hook = (path: string, rule: object, more: object = {}): Hook => ({
    clientConfig: webhooks.url(path),
    rules: [rule],
    ...more,
  });
  const under = <T>(kind: "mutating" | "validating", hooks: readonly Hook[], act: () => Promise<T>) =>
    withWebhooks(api.send, kind, configurationOf("test", ...hooks), act);
  const lastRequest = (): AdmissionReview["request"] => {
    const last = webhooks.asked.at(-1);
    if (!last) throw new Error("no webhook was asked");
    return last.review.request;
  };
  const configMap = (name: string) => ({ metadata: { name, labels: { test: name } }, data: { a: "b" } });

  it("judge deletions by what is deleted, one by one and all together", async () => {
    await api.send("POST", configMaps, configMap("deleted"));
    await under("validating", [hook("/refuse", ruleFor("configmaps", "DELETE"))], async () => {
      const one = await api.send("DELETE", `${configMaps}/deleted`, { propagationPolicy: "Background" });
      expect(one.status, one.bytes.toString()).to.equal(400);
      expect(at(one.json, "message")).to.equal('admission webhook "test-0.k8s.io" denied the request: no');
      const { operation, object, oldObject, options } = lastRequest();
      expect([operation, object, oldObject?.data]).to.deep.equal(["DELETE", null, { a: "b" }]);
      expect(options).to.include({ kind: "DeleteOptions", propagationPolicy: "Background" });
      const all = await api.send("DELETE", `${configMaps}?labelSelector=test%3Ddeleted`);
      expect(at(all.json, "message")).to.contain("denied the request: no");
      expect(lastRequest().name).to.equal("deleted");
    });
    // Who could change a deletion is asked about a collection as a whole.
    await under("mutating", [hook("/warn", ruleFor("configmaps", "DELETE"))], async () => {
      webhooks.asked.length = 0;
      await api.send("DELETE", `${configMaps}?labelSelector=test%3Ddeleted&dryRun=All`);
      expect(webhooks.asked.map(({ review }) => review.request.name)).to.deep.equal([undefined]);
    });
    expect((await api.send("GET", `${configMaps}/deleted`)).status).to.equal(200);
  });

  it("decide with what code and reason a client is refused", async () => {
    await under("validating", [hook("/coded", ruleFor("configmaps"))], async () => {
      const { status, json } = await api.send("POST", configMaps, configMap("coded"));
      expect(status).to.equal(418);
      expect(json).to.include({
        reason: "Teapot",
        message: 'admission webhook "test-0.k8s.io" denied the request: short and stout',
      });
    });
  });

  it("are asked about dry runs if they can do without side effects, and are told of them", async () => {
    await under("mutating", [hook("/label", ruleFor("configmaps"), { sideEffects: "NoneOnDryRun" })], async () => {
      const made = await api.send("POST", `${configMaps}?dryRun=All`, configMap("dry"));
      expect(at(made.json, "metadata", "labels")).to.deep.equal({ from: "webhook" });
      expect(lastRequest()).to.deep.include({ dryRun: true });
    });
    expect((await api.send("GET", `${configMaps}/dry`)).status).to.equal(404);
  });

  it("see objects in the version that their rules name, and change them in it", async () => {
    const scalers = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
    const metric = {
      type: "Resource",
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
    };
    const scaleTargetRef = { kind: "Deployment", name: "web", apiVersion: "apps/v1" };
    const scaler = { metadata: { name: "web" }, spec: { scaleTargetRef, maxReplicas: 3, metrics: [metric] } };
    const rule = { ...ruleFor("horizontalpodautoscalers"), apiGroups: ["autoscaling"] };
    await under("mutating", [hook("/cpu", rule, { matchPolicy: "Exact" })], async () => {
      const made = await api.send("POST", `${scalers}?dryRun=All`, scaler);
      expect(made.status, made.bytes.toString()).to.equal(201);
      expect(webhooks.asked).to.deep.equal([]);
    });
    await under("mutating", [hook("/cpu", rule)], async () => {
      const made = await api.send("POST", scalers, scaler);
      expect(at(made.json, "spec", "metrics", 0, "resource", "target", "averageUtilization")).to.equal(42);
      const { kind, requestKind, object } = lastRequest();
      expect([kind.version, requestKind.version, object?.apiVersion]).to.deep.equal(["v1", "v2", "autoscaling/v1"]);
    });
  });

  it("warn clients", async () => {
    await under("validating", [hook("/warn", ruleFor("configmaps"))], async () => {
      const made = await api.send("POST", `${configMaps}?dryRun=All`, configMap("warned"));
      expect(made.headers["warning"]).to.equal('299 - "mind the gap"');
    });
  });

  it("that patch what is not there fail the write", async () => {
    await under("mutating", [hook("/bad-patch", ruleFor("configmaps"), { failurePolicy: "Fail" })], async () => {
      const { status, json } = await api.send("POST", configMaps, configMap("patched"));
      expect([status, at(json, "reason")]).to.deep.equal([500, "InternalError"]);
    });
  });

  it("may be about subresources and about reviews", async () => {
    await api.send("POST", "/api/v1/namespaces/default/pods", podOf("evicted"));
    const eviction = { ...ruleFor("pods"), resources: ["pods/eviction"] };
    const review = { ...ruleFor("subjectaccessreviews"), apiGroups: ["authorization.k8s.io"] };
    await under("validating", [hook("/refuse", eviction), hook("/refuse", review)], async () => {
      const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "evicted", namespace: "default" } };
      const evicted = await api.send("POST", "/api/v1/namespaces/default/pods/evicted/eviction", body);
      expect(at(evicted.json, "message")).to.contain("denied the request: no");
      expect(lastRequest().kind).to.deep.equal({ group: "policy", version: "v1", kind: "Eviction" });
      const question = { spec: { user: "ann", resourceAttributes: { verb: "get", resource: "pods" } } };
      const asked = await api.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", question);
      expect(at(asked.json, "message")).to.contain('admission webhook "test-1.k8s.io" denied the request: no');
    });
  });

  it("see the scale of an object when that is what is changed, and change it", async () => {
    const deployments = "/apis/apps/v1/namespaces/default/deployments";
    const labels = { app: "scaled" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    await api.send("POST", deployments, { metadata: { name: "scaled" }, spec });
    const rule = { ...ruleFor("deployments.apps", "UPDATE"), resources: ["deployments/scale"] };
    await under("mutating", [hook("/replicas", rule)], async () => {
      const path = `${deployments}/scaled/scale`;
      const scaled = await api.send("PATCH", path, { spec: { replicas: 3 } }, mergePatch);
      expect(at(scaled.json, "spec", "replicas"), scaled.bytes.toString()).to.equal(7);
      const { kind, object, oldObject } = lastRequest();
      expect(kind).to.deep.equal({ group: "autoscaling", version: "v1", kind: "Scale" });
      expect([object?.spec, oldObject?.spec]).to.deep.equal([{ replicas: 3 }, { replicas: 1 }]);
    });
  });

  it("are asked about changes with the object before and after", async () => {
    await api.send("POST", configMaps, configMap("changed"));
    await under("validating", [hook("/warn", ruleFor("configmaps", "UPDATE"))], async () => {
      await api.send("PATCH", `${configMaps}/changed`, { data: { a: "c" } }, mergePatch);
      const { operation, object, oldObject, options } = lastRequest();
      expect([operation, object?.data, oldObject?.data]).to.deep.equal(["UPDATE", { a: "c" }, { a: "b" }]);
      expect(options).to.deep.equal({ kind: "UpdateOptions", apiVersion: "meta.k8s.io/v1" });
    });
  });
});
