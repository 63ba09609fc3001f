import { aborted, silentLogger, systemClock } from "@tskube/base";
import { clientOver, LeadershipLost, lead, type Transport } from "@tskube/client";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { at, type Json, type Send, senderOver, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { openServer } from "./open-server.ts";
import { protobufType, unseal, watchFrames } from "./protobuf/envelope.ts";

const namespace = "patterns";
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const initialEventsEnd = "k8s.io/initial-events-end";
const partial = (kind: string) => `as=${kind};g=meta.k8s.io;v=v1`;

/** What the clients ask that people run against clusters, request by request. */
describe("how clients ask", function () {
  this.timeout(60_000);
  let transport: Transport;
  let send: Send;
  before(async () => {
    transport = await (await openServer()).transport();
    send = senderOver(transport);
    await send("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  });

  const create = (name: string, labels: Record<string, string> = {}) =>
    send("POST", configMaps, { metadata: { name, labels }, data: { a: "b" } });
  const versionOf = (object: Json) => String(at(object, "metadata", "resourceVersion"));
  const stop = () => AbortSignal.timeout(20_000);

  describe("client-go's reflectors", () => {
    const watchList =
      "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=300";

    it("get what there is by a watch, a bookmark at its end, and go on with changes", async () => {
      await create("listed-1", { set: "watch-list" });
      await create("listed-2", { set: "watch-list" });
      const path = `${configMaps}?${watchList}&resourceVersion=&labelSelector=set%3Dwatch-list`;
      const seen: string[] = [];
      for await (const { type, object } of watchEvents(transport, path, stop())) {
        seen.push(`${type} ${at(object, "metadata", "name") ?? ""}`.trim());
        if (type === "BOOKMARK") {
          expect(at(object, "metadata", "annotations", initialEventsEnd)).to.equal("true");
          expect(versionOf(object)).to.match(/^\d+$/);
          await create("listed-3", { set: "watch-list" });
        }
        if (seen.length === 4) break;
      }
      expect(seen).to.deep.equal(["ADDED listed-1", "ADDED listed-2", "BOOKMARK", "ADDED listed-3"]);
    });

    it("get metadata alone, as JSON and as protobuf, by list and by watch", async () => {
      await create("partial", { set: "partial" });
      const selector = "labelSelector=set%3Dpartial";
      for (const type of ["application/json", protobufType]) {
        const accept = `${type};${partial("PartialObjectMetadataList")}`;
        const { bytes, headers } = await send("GET", `${configMaps}?${selector}`, undefined, { accept });
        expect(headers["content-type"]).to.contain(type);
        const list = (type === protobufType ? unseal(bytes) : JSON.parse(bytes.toString())) as Json;
        expect(at(list, "kind")).to.equal("PartialObjectMetadataList");
        expect(at(list, "items", 0, "metadata", "name")).to.equal("partial");
        expect(at(list, "items", 0)).to.not.have.property("data");
      }
      const accept = `${protobufType};${partial("PartialObjectMetadata")};stream=watch`;
      const path = `${configMaps}?${watchList}&${selector}`;
      const { body } = await transport.send({ method: "GET", path, headers: { accept }, signal: stop() });
      const types: string[] = [];
      for await (const { type, object } of watchFrames(body)) {
        expect(object.kind).to.equal("PartialObjectMetadata");
        types.push(type);
        if (type === "BOOKMARK") break;
      }
      expect(types).to.deep.equal(["ADDED", "BOOKMARK"]);
    });

    it("find another way when a server will not send initial events", async () => {
      const refused = await send("GET", `${configMaps}?watch=true&sendInitialEvents=true`);
      expect(refused.status).to.equal(422);
      const status = JSON.parse(refused.bytes.toString()) as Json;
      expect(at(status, "message")).to.contain("sendInitialEvents");
      expect(at(status, "reason")).to.equal("Invalid");
    });
  });

  describe("candidates for the lead", () => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

    it("cannot both take a lease that they have read", async () => {
      const spec = (holderIdentity: string) => ({ holderIdentity, leaseDurationSeconds: 1 });
      const named = (holder: string) => ({ metadata: { name: "shared" }, spec: spec(holder) });
      const [first, late] = [await send("POST", leases, named("a")), await send("POST", leases, named("b"))];
      expect([first.status, late.status, at(late.json, "reason")]).to.deep.equal([201, 409, "AlreadyExists"]);
      const take = (holder: string) =>
        send("PUT", `${leases}/shared`, { ...first.json, spec: { ...spec(holder), leaseTransitions: 1 } });
      const [renewed, taken] = [await take("a"), await take("b")];
      expect([renewed.status, taken.status, at(taken.json, "reason")]).to.deep.equal([200, 409, "Conflict"]);
    });

    it("follow one that has fallen silent once its lease is over, and not before it has stopped", async () => {
      const order: string[] = [];
      const stopping = new AbortController();
      const candidate = (identity: string) => {
        let isCut = false;
        const client = clientOver(
          { ...transport, send: (request) => (isCut ? Promise.reject(new Error("cut off")) : transport.send(request)) },
          { userAgent: identity, qps: -1 },
        );
        const times = { leaseDurationMs: 2_000, renewDeadlineMs: 1_000, retryPeriodMs: 200 };
        const deps = { client, clock: systemClock, logger: silentLogger };
        const work = async (signal: AbortSignal) => {
          order.push(`${identity} leads`);
          await aborted(signal);
          order.push(`${identity} stops`);
        };
        const ended = lead({ ...deps, ...times, namespace, name: "lead", identity }, work, stopping.signal);
        return {
          ended,
          cutOff() {
            isCut = true;
          },
        };
      };
      const one = candidate("one");
      await eventually(() => expect(order).to.deep.equal(["one leads"]));
      const two = candidate("two");
      one.cutOff();
      expect(await one.ended.catch((error: unknown) => error)).to.be.instanceOf(LeadershipLost);
      await eventually(() => expect(order).to.deep.equal(["one leads", "one stops", "two leads"]));
      const { json } = await send("GET", `${leases}/lead`);
      expect(at(json, "spec")).to.deep.include({ holderIdentity: "two", leaseTransitions: 1 });
      stopping.abort();
      await two.ended;
    });
  });

  describe("discovery", () => {
    it("is one answer for each of two roots, and equals the plain documents", async () => {
      const plain = new Set<string>();
      for (const group of at((await send("GET", "/apis")).json, "groups") as Json[]) {
        for (const version of at(group, "versions") as Json[]) plain.add(String(at(version, "groupVersion")));
      }
      const { json, headers } = await send("GET", "/apis", undefined, { accept: `${aggregated},application/json` });
      expect(headers["content-type"]).to.contain("as=APIGroupDiscoveryList");
      const found = new Map<string, string[]>();
      for (const group of at(json, "items") as Json[]) {
        for (const version of at(group, "versions") as { version: string; resources: { resource: string }[] }[]) {
          const names = version.resources.map(({ resource }) => resource);
          found.set(`${at(group, "metadata", "name")}/${version.version}`, names);
        }
      }
      expect(new Set(found.keys())).to.deep.equal(plain);
      for (const [groupVersion, names] of found) {
        const { resources } = (await send("GET", `/apis/${groupVersion}`)).json as { resources: { name: string }[] };
        const own = resources.map(({ name }) => name).filter((name) => !name.includes("/"));
        expect(own.sort(), groupVersion).to.deep.equal(names.sort());
      }
    });

    it("comes packed, and is not sent again to those who have it", async () => {
      const headers = { accept: aggregated, "accept-encoding": "gzip" };
      const { headers: first, status } = await send("GET", "/apis", undefined, headers);
      expect(status).to.equal(200);
      const etag = first["etag"] ?? "";
      expect(etag).to.match(/^".+"$/);
      const again = await send("GET", "/apis", undefined, { accept: aggregated, "if-none-match": etag });
      expect([again.status, again.bytes.byteLength]).to.deep.equal([304, 0]);
    });

    it("leads to OpenAPI v3 documents that may be kept as long as their hash stands", async () => {
      const { paths } = (await send("GET", "/openapi/v3")).json as {
        paths: Record<string, { serverRelativeURL: string }>;
      };
      const url = paths["apis/apps/v1"]?.serverRelativeURL ?? "";
      expect(url).to.match(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/);
      const document = await send("GET", url);
      expect(document.headers["cache-control"]).to.contain("immutable");
      const etag = document.headers["etag"] ?? "";
      expect((await send("GET", url, undefined, { "if-none-match": etag })).status).to.equal(304);
    });
  });

  describe("controller-runtime", () => {
    it("applies by force, patches the status it has seen, and holds objects by finalizers", async () => {
      const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      const applied = (replicas: number) => ({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "operated", namespace, finalizers: ["example.com/operator"] },
        spec: {
          replicas,
          selector: { matchLabels: { app: "operated" } },
          template: { metadata: { labels: { app: "operated" } }, spec: { containers: [{ name: "c", image: "i" }] } },
        },
      });
      const path = `${deployments}/operated`;
      const apply = { "content-type": "application/apply-patch+yaml" };
      const merge = { "content-type": "application/merge-patch+json" };
      expect((await send("PATCH", `${path}?fieldManager=operator&force=true`, applied(1), apply)).status).to.equal(201);
      await send("PATCH", `${path}?fieldManager=user`, { spec: { replicas: 5 } }, merge);
      const taken = await send("PATCH", `${path}?fieldManager=operator&force=true`, applied(2), apply);
      expect(at(taken.json, "spec", "replicas")).to.equal(2);

      const metadata = { resourceVersion: versionOf(taken.json) };
      const status = (replicas: number) => ({ metadata, status: { replicas } });
      const patched = await send("PATCH", `${path}/status`, status(2), merge);
      expect(at(patched.json, "status", "replicas")).to.equal(2);
      const stale = await send("PATCH", `${path}/status`, status(3), merge);
      expect([stale.status, at(stale.json, "reason")]).to.deep.equal([409, "Conflict"]);

      const deleted = await send("DELETE", path, { propagationPolicy: "Background" });
      expect(at(deleted.json, "metadata", "deletionTimestamp")).to.be.a("string");
      const released = [{ op: "replace", path: "/metadata/finalizers", value: null }];
      await send("PATCH", path, released, { "content-type": "application/json-patch+json" });
      expect((await send("GET", path)).status).to.equal(404);
    });

    it("applies a status of its own", async () => {
      const path = `/api/v1/namespaces/${namespace}`;
      const status = { conditions: [{ type: "Ours", status: "True", reason: "R", message: "" }] };
      const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, status };
      const headers = { "content-type": "application/apply-patch+yaml" };
      const { json } = await send("PATCH", `${path}/status?fieldManager=operator&force=true`, body, headers);
      expect(at(json, "status", "conditions", 0, "type")).to.equal("Ours");
      const managers = at(json, "metadata", "managedFields") as { subresource?: string; manager: string }[];
      expect(managers.find(({ manager }) => manager === "operator")?.subresource).to.equal("status");
    });
  });

  it("Argo CD lists and watches all that there is, and asks whether it may", async () => {
    const resources = await preferredResources();
    expect(resources).to.have.length.above(50);
    await Promise.all(
      resources.map(async ({ group, resource, path }) => {
        const attributes = { verb: "list", resource, ...(group && { group }) };
        const review = { spec: { resourceAttributes: attributes } };
        const allowed = await send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
        expect(at(allowed.json, "status", "allowed"), path).to.equal(true);
        const list = await send("GET", `${path}?limit=500`);
        expect(list.status, path).to.equal(200);
        // A watch that is to be tried again wants the version it stands at.
        const query = `watch=true&resourceVersion=${versionOf(list.json)}&allowWatchBookmarks=true&timeoutSeconds=1`;
        expect((await send("GET", `${path}?${query}`)).status, path).to.equal(200);
      }),
    );
  });

  /** What can be listed and watched, each in the version that the server prefers. */
  async function preferredResources() {
    interface Version {
      readonly version: string;
      readonly resources: readonly { readonly resource: string; readonly verbs: readonly string[] }[];
    }
    const found: { group: string | undefined; resource: string; path: string }[] = [];
    for (const root of ["/api", "/apis"]) {
      const { json } = await send("GET", root, undefined, { accept: aggregated });
      for (const item of at(json, "items") as Json[]) {
        const group = at(item, "metadata", "name") as string | undefined;
        const [preferred] = at(item, "versions") as Version[];
        for (const { resource, verbs } of preferred?.resources ?? []) {
          if (!verbs.includes("list") || !verbs.includes("watch")) continue;
          found.push({ group, resource, path: [root, group, preferred?.version, resource].filter(Boolean).join("/") });
        }
      }
    }
    return found;
  }

  it("OpenAPI v2 is had as protobuf by those who keep schemas of everything", async () => {
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    const { status, headers, bytes } = await send("GET", "/openapi/v2", undefined, { accept });
    expect(status).to.equal(200);
    expect(headers["content-type"]).to.contain("proto-openapi.spec.v2");
    expect(bytes.subarray(0, 5)).to.deep.equal(Buffer.from("\n\x032.0"));
  });

  it("k9s and Headlamp watch tables", async () => {
    const accept = `application/json;${partial("Table")},application/json`;
    const { json } = await send("GET", `${configMaps}?limit=1`, undefined, { accept });
    expect(at(json, "kind")).to.equal("Table");
    const path = `${configMaps}?watch=true&resourceVersion=${versionOf(json)}&labelSelector=set%3Dtables`;
    const { body } = await transport.send({ method: "GET", path, headers: { accept }, signal: stop() });
    await create("shown", { set: "tables" });
    for await (const chunk of body) {
      const event = JSON.parse(Buffer.from(chunk).toString().split("\n")[0] ?? "") as Json;
      expect(at(event, "object", "kind")).to.equal("Table");
      expect(at(event, "object", "columnDefinitions", 0, "name")).to.equal("Name");
      expect(at(event, "object", "rows", 0, "cells", 0)).to.equal("shown");
      break;
    }
  });

  it("Prometheus lists and watches what it discovers in protobuf", async () => {
    const paths = [
      "/api/v1/pods",
      "/api/v1/services",
      "/api/v1/nodes",
      "/apis/discovery.k8s.io/v1/endpointslices",
      "/apis/networking.k8s.io/v1/ingresses",
    ];
    const accept = `${protobufType},application/json`;
    await Promise.all(
      paths.map(async (path) => {
        const { headers, bytes } = await send("GET", `${path}?limit=500&resourceVersion=0`, undefined, { accept });
        expect(headers["content-type"], path).to.equal(protobufType);
        const query = `watch=true&resourceVersion=${versionOf(unseal(bytes))}&allowWatchBookmarks=true&timeoutSeconds=1`;
        const watch = await send("GET", `${path}?${query}`, undefined, { accept: `${accept};stream=watch` });
        expect(watch.headers["content-type"], path).to.contain("stream=watch");
      }),
    );
  });
});
