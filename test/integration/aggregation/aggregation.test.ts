import { readBody } from "@tskube/client";
import { expect } from "chai";
import fc from "fast-check";
import { eventually } from "../../framework/eventually.ts";
import { admin, at, watchEvents } from "../apiserver/open-test-server.ts";
import { group, version } from "./flunders.ts";
import {
  type AggregatingServer,
  anApiService,
  apiServiceName,
  apiServicePath,
  openAggregatingServer,
} from "./open-aggregating-server.ts";
import { SampleServer } from "./sample-server.ts";

const namespace = "sample";
const service = "sample-api";
const base = `/apis/${group}/${version}`;
const flunders = `${base}/namespaces/default/flunders`;
const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };

describe("aggregation of extension API servers", function () {
  this.timeout(20_000);
  let api: AggregatingServer;
  let sample: SampleServer;

  before(async () => {
    api = await openAggregatingServer();
    const serverName = `${service}.${namespace}.svc`;
    sample = await SampleServer.start({ frontProxyCa: api.frontProxy.ca, serverName });
    await api.publish(sample, namespace, service);
    await register(anApiService(sample, namespace, service));
  });
  after(async () => {
    await api.close();
    await sample.stop();
  });

  /** Creates the APIService, or replaces what it says, and waits until it is seen as such. */
  async function register(object: object, wanted = "Passed"): Promise<void> {
    const answer = await api.send("POST", apiServicePath, object);
    if (answer.status === 409) {
      const { json } = await api.send("GET", `${apiServicePath}/${apiServiceName}`);
      const metadata = at(json, "metadata");
      await api.send("PUT", `${apiServicePath}/${apiServiceName}`, { ...object, metadata });
    }
    await eventually(async () => expect(await reason()).to.equal(wanted), 10_000, 10);
  }

  async function reason(name = apiServiceName): Promise<unknown> {
    const { json } = await api.send("GET", `${apiServicePath}/${name}`);
    return at(json, "status", "conditions", 0, "reason");
  }

  it("passes requests on, with the user that asks", async () => {
    const user = { name: "zoë", uid: "7", groups: ["system:masters", "devs"], extra: { "example.com/why": ["a b"] } };
    const transport = api.server.transport(user);
    const headers = {
      "x-remote-user": "mallory",
      "x-remote-extra-a": "b",
      "x-custom": "kept",
      authorization: "Bearer x",
    };
    const answer = await transport.send({ method: "GET", path: `${flunders}?limit=5`, headers });
    await readBody(answer.body, 10_000);
    expect(answer.status).to.equal(200);
    const seen = sample.seen.at(-1);
    expect(seen).to.deep.include({
      user: "zoë",
      uid: "7",
      groups: [...user.groups],
      extra: { "example.com/why": "a b" },
    });
    expect(seen).to.include({ method: "GET", url: `${flunders}?limit=5` });
    expect(seen?.headers).to.include({ "x-custom": "kept", "x-forwarded-uri": flunders, "x-forwarded-proto": "https" });
    expect(seen?.headers).to.not.have.property("authorization");
    expect(seen?.headers["audit-id"]).to.equal(answer.headers["audit-id"]);
  });

  it("creates, reads, watches and deletes", async () => {
    const created = await api.send("POST", flunders, { metadata: { name: "one" }, spec: { reference: "two" } });
    expect(created.status).to.equal(201);
    const stop = new AbortController();
    const events = watchEvents(api.transport, `${flunders}?watch=true`, stop.signal);
    expect((await events.next()).value).to.deep.include({ type: "ADDED" });
    expect((await api.send("GET", `${flunders}/one`)).json).to.deep.equal(created.json);
    expect((await api.send("DELETE", `${flunders}/one`)).status).to.equal(200);
    expect((await events.next()).value).to.deep.include({ type: "DELETED" });
    stop.abort();
    await events.return(undefined);
    expect((await api.send("GET", `${flunders}/one`)).status).to.equal(404);
  });

  it("asks its own authorization first", async () => {
    const before = sample.seen.length;
    const answer = await api.server
      .transport({ name: "ann", groups: [] })
      .send({ method: "GET", path: flunders, headers: {} });
    expect(answer.status).to.equal(403);
    expect(String(await readBody(answer.body, 10_000))).to.contain(
      `flunders.${group} is forbidden: User \\"ann\\" cannot list resource \\"flunders\\" in API group \\"${group}\\" in the namespace \\"default\\"`,
    );
    expect(sample.seen.length).to.equal(before);
  });

  it("keeps redirects from clients", async () => {
    const { status, bytes } = await api.send("GET", `${base}/redirects`);
    expect(status).to.equal(502);
    expect(String(bytes)).to.contain("the backend attempted to redirect this request, which is not permitted");
  });

  it("refuses paths that the server behind could read otherwise", async () => {
    for (const path of [
      `${flunders}/../../other/flunders`,
      `${flunders}/%2e%2e/x`,
      `${base}/namespaces/a%2Fb/flunders`,
    ]) {
      expect((await api.send("GET", path)).status, path).to.equal(400);
    }
  });

  it("shows the group in every form of discovery, where its priority puts it", async () => {
    const list = await api.send("GET", "/apis");
    expect(at((at(list.json, "groups") as object[]).at(-1), "name")).to.equal(group);
    const one = await api.send("GET", `/apis/${group}`);
    expect(at(one.json, "preferredVersion", "groupVersion")).to.equal(`${group}/${version}`);
    const resources = await api.send("GET", base);
    expect(at(resources.json, "resources", 0, "name")).to.equal("flunders");
    const whole = await api.send("GET", "/apis", undefined, aggregated);
    const last = (at(whole.json, "items") as object[]).at(-1);
    expect(at(last, "metadata", "name")).to.equal(group);
    expect(at(last, "versions", 0)).to.deep.include({ version, freshness: "Current" });
    expect(at(last, "versions", 0, "resources", 0, "responseKind", "kind")).to.equal("Flunder");
    const again = await api.send("GET", "/apis", undefined, {
      ...aggregated,
      "if-none-match": whole.headers["etag"] ?? "",
    });
    expect(again.status).to.equal(304);
  });

  it("merges OpenAPI v2 and passes v3 on by its hash", async () => {
    const path = `${base}/namespaces/{namespace}/flunders`;
    await eventually(async () => {
      const { json } = await api.send("GET", "/openapi/v2");
      expect(at(json, "paths", path, "post", "operationId")).to.equal("createFlunder");
      expect(at(json, "definitions")).to.include.keys("com.example.wardle.v1alpha1.Flunder", "io.k8s.api.core.v1.Pod");
    });
    const index = await api.send("GET", "/openapi/v3");
    const url = at(index.json, "paths", base.slice(1), "serverRelativeURL");
    expect(url).to.equal(`/openapi/v3${base}?hash=0123456789ABCDEF`);
    const document = await api.send("GET", String(url));
    expect(at(document.json, "components", "schemas")).to.include.keys("com.example.wardle.v1alpha1.Flunder");
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    expect((await api.send("GET", "/openapi/v2", undefined, { accept })).status).to.equal(200);
  });

  it("tells why a server cannot be had, answers 503 for it and goes on with all others", async () => {
    const cases: readonly (readonly [object, string])[] = [
      [{ service: { namespace, name: "nobody", port: 443 } }, "ServiceNotFound"],
      [{ service: { namespace, name: service, port: 1 } }, "ServicePortError"],
    ];
    for (const [more, wanted] of cases) await register(anApiService(sample, namespace, service, more), wanted);
    const away = await api.send("GET", flunders);
    expect([away.status, String(away.bytes)]).to.deep.equal([503, "service unavailable\n"]);
    expect(away.headers).to.include({
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
    });
    const whole = await api.send("GET", "/apis", undefined, aggregated);
    const items = at(whole.json, "items") as object[];
    expect(at(items.at(-1), "versions", 0, "freshness")).to.equal("Stale");
    // What was known of it still stands there.
    expect(at(items.at(-1), "versions", 0, "resources", 0, "resource")).to.equal("flunders");
    expect(items.length).to.be.greaterThan(15);
    expect((await api.send("GET", "/apis/apps/v1")).status).to.equal(200);
    await register(anApiService(sample, namespace, service));
    expect((await api.send("GET", flunders)).status).to.equal(200);
  });

  it("says what went wrong when it asked a server that should be there", async () => {
    const { host } = sample.address;
    await api.publish({ ...sample, address: { host, port: 1 } } as SampleServer, namespace, "dead");
    await register(anApiService(sample, namespace, "dead"), "FailedDiscoveryCheck");
    const { json } = await api.send("GET", `${apiServicePath}/${apiServiceName}`);
    const url = `https://${host}:1${base}`;
    expect(at(json, "status", "conditions", 0, "message")).to.equal(
      `failing or missing response from ${url}: Get "${url}": dial tcp ${host}:1: connect: connection refused`,
    );
    await register(anApiService(sample, namespace, service));
  });

  it("follows endpoints as they go and come", async () => {
    const slice = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${service}`;
    const { json } = await api.send("GET", slice);
    await api.send("DELETE", slice);
    await eventually(async () => expect(await reason()).to.equal("EndpointsNotFound"), 5_000, 10);
    const { metadata: _metadata, endpoints, ...rest } = json as { metadata: object; endpoints: object[] };
    const metadata = { name: service, labels: { "kubernetes.io/service-name": service } };
    const unready = endpoints.map((endpoint) => ({ ...endpoint, conditions: { ready: false } }));
    const all = slice.slice(0, slice.lastIndexOf("/"));
    await api.send("POST", all, { ...rest, metadata, endpoints: unready });
    await eventually(async () => expect(await reason()).to.equal("MissingEndpoints"), 5_000, 10);
    await api.send("PATCH", slice, { endpoints }, { "content-type": "application/merge-patch+json" });
    await eventually(async () => expect(await reason()).to.equal("Passed"), 5_000, 10);
  });

  it("trusts a server by its certificate, unless told not to", async () => {
    const other = { caBundle: Buffer.from(api.frontProxy.ca).toString("base64") };
    await register(anApiService(sample, namespace, service, other));
    const refused = await api.send("GET", flunders);
    expect([refused.status, String(refused.bytes)]).to.deep.equal([
      503,
      "error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n",
    ]);
    const nonsense = { caBundle: Buffer.from("not a certificate").toString("base64") };
    await register(anApiService(sample, namespace, service, nonsense));
    expect((await api.send("GET", flunders)).status).to.equal(503);
    await register(anApiService(sample, namespace, service, { caBundle: undefined, insecureSkipTLSVerify: true }));
    expect((await api.send("GET", flunders)).status).to.equal(200);
    await register(anApiService(sample, namespace, service));
    expect((await api.send("GET", flunders)).status).to.equal(200);
  });

  it("understands servers that have neither aggregated discovery nor OpenAPI v3", async () => {
    const old = await SampleServer.start({
      frontProxyCa: api.frontProxy.ca,
      serverName: `old-api.${namespace}.svc`,
      isOld: true,
    });
    try {
      await api.publish(old, namespace, "old-api");
      await register(anApiService(old, namespace, "old-api"));
      await eventually(async () => {
        const whole = await api.send("GET", "/apis", undefined, aggregated);
        const entry = at((at(whole.json, "items") as object[]).at(-1), "versions", 0);
        expect(entry).to.deep.include({ version, freshness: "Current" });
        expect(at(entry, "resources", 0, "responseKind")).to.deep.equal({ group, version, kind: "Flunder" });
        const index = await api.send("GET", "/openapi/v3");
        expect(at(index.json, "paths", base.slice(1), "serverRelativeURL")).to.match(/\?hash=[0-9A-F]{64}$/);
      });
      const document = await api.send("GET", `/openapi/v3${base}`);
      expect(at(document.json, "components", "schemas")).to.include.keys("com.example.wardle.v1alpha1.Flunder");
    } finally {
      await register(anApiService(sample, namespace, service));
      await old.stop();
    }
  });

  it("has an APIService for each version of a custom resource, whatever users do to it", async () => {
    const definition = {
      metadata: { name: "things.crd.example.com" },
      spec: {
        group: "crd.example.com",
        names: { plural: "things", kind: "Thing" },
        scope: "Cluster",
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    };
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const path = `${apiServicePath}/v1.crd.example.com`;
    const labels = { "kube-aggregator.kubernetes.io/automanaged": "true" };
    const isThere = () =>
      eventually(async () => {
        const { json } = await api.send("GET", path);
        expect(at(json, "metadata", "labels")).to.deep.equal(labels);
        expect(at(json, "status", "conditions", 0, "reason")).to.equal("Local");
      });
    await api.send("POST", definitions, definition);
    await isThere();
    await api.send("DELETE", path);
    await isThere();
    await api.send("DELETE", `${definitions}/things.crd.example.com`);
    await eventually(async () => expect((await api.send("GET", path)).status).to.equal(404));
  });

  it("counts what is not available", async () => {
    const { bytes } = await api.send("GET", "/metrics");
    expect(String(bytes)).to.contain('aggregator_unavailable_apiservice{name="v1.apps"} 0');
    expect(String(bytes)).to.match(
      new RegExp(`aggregator_unavailable_apiservice_total\\{name="${apiServiceName}",reason="ServiceNotFound"\\} 1`),
    );
  });

  it("fills in the port and refuses what is wrong with an APIService", async () => {
    const spec = { group: "defaults.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };
    const metadata = { name: "v1.defaults.example.com" };
    const made = await api.send("POST", apiServicePath, {
      metadata,
      spec: { ...spec, service: { namespace, name: "x" } },
    });
    expect(at(made.json, "spec", "service", "port")).to.equal(443);
    await api.send("DELETE", `${apiServicePath}/${metadata.name}`);
    const wrong = { ...spec, version: "V1", groupPriorityMinimum: 0, insecureSkipTLSVerify: true };
    const { status, json } = await api.send("POST", apiServicePath, { metadata, spec: wrong });
    expect([status, at(json, "message")]).to.deep.equal([
      422,
      'APIService.apiregistration.k8s.io "v1.defaults.example.com" is invalid: [' +
        'metadata.name: Invalid value: "v1.defaults.example.com": must be `spec.version+"."+spec.group`: "V1.defaults.example.com", ' +
        "spec.version: Invalid value: \"V1\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), " +
        "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000, " +
        "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify]",
    ]);
  });

  it("never takes a user from what a client says", async () => {
    const name = fc.constantFrom(
      "X-Remote-User",
      "x-remote-uid",
      "X-REMOTE-GROUP",
      "X-Remote-Extra-Scopes",
      "X-Remote-Extra-a%2Fb",
      "X-My-User",
    );
    const value = fc.stringMatching(/^[!-~]{1,20}$/);
    const headers = fc.dictionary(name, value, { minKeys: 1 });
    const connection = fc.constantFrom("close", "close, x-remote-user", "X-Remote-Group, close");
    await fc.assert(
      fc.asyncProperty(headers, connection, async (claimed, hops) => {
        expect((await api.send("GET", flunders, undefined, { ...claimed, connection: hops })).status).to.equal(200);
        const { user, uid, groups, extra } = sample.seen.at(-1) ?? {};
        expect([user, uid, groups, extra]).to.deep.equal([admin.name, undefined, admin.groups, {}]);
        expect(sample.seen.at(-1)?.headers).to.not.have.property("x-my-user");
      }),
      { numRuns: 50 },
    );
  });

  it("needs a resourceVersion to replace an APIService", async () => {
    const path = `${apiServicePath}/${apiServiceName}`;
    const { status, json } = await api.send("PUT", path, anApiService(sample, namespace, service));
    expect([status, at(json, "message")]).to.deep.equal([
      422,
      `APIService.apiregistration.k8s.io "${apiServiceName}" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`,
    ]);
  });
});
