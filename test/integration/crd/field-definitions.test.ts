import { expect } from "chai";
import { at, type Json, openTestServer, type TestServer, watchEvents } from "../apiserver/open-test-server.ts";
import { definitions, establish } from "./establish.ts";
import { applicationSets, applications, certificates, prometheuses } from "./field-definitions.ts";
import { hasKubectl, type KubectlDoor, openKubectl } from "./kubectl-door.ts";

const merge = { "content-type": "application/merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const annotationLimit = 256 * 1024;

describe("definitions as operators of the field have them", function () {
  this.timeout(30_000);
  let api: TestServer;
  let kubectl: KubectlDoor | undefined;
  before(async () => {
    api = await openTestServer();
    for (const definition of [certificates, prometheuses, applications]) await establish(api, definition);
    if (hasKubectl) kubectl = await openKubectl(api.transport);
  });
  after(async () => {
    kubectl?.close();
    await api.close();
  });

  const pathOf = ({ spec }: typeof certificates, name = "") =>
    `/apis/${spec.group}/${spec.versions[0]?.name}/namespaces/default/${spec.names.plural}${name && `/${name}`}`;
  const created = async (definition: typeof certificates, name: string, spec: object): Promise<Json> => {
    const { status, json } = await api.send("POST", pathOf(definition), { metadata: { name }, spec });
    expect(status, JSON.stringify(json)).to.equal(201);
    return json;
  };

  it("take a certificate from its request to its renewal", async () => {
    const spec = { secretName: "tls", dnsNames: ["a.example.com"], issuerRef: { name: "ca", group: "certs.io" } };
    const made = await created(certificates, "web", { ...spec, privateKey: { algorithm: "ECDSA" } });
    expect(at(made, "spec", "issuerRef", "kind")).to.equal("Issuer");
    expect(at(made, "spec", "privateKey", "rotationPolicy")).to.equal("Always");
    const events = watchEvents(
      api.transport,
      `${pathOf(certificates)}?watch=true&fieldSelector=spec.issuerRef.group%3Dcerts.io&resourceVersion=${at(made, "metadata", "resourceVersion")}`,
      AbortSignal.timeout(10_000),
    );
    const ready = { type: "Ready", status: "True", reason: "Issued", message: "up to date", observedGeneration: 1 };
    const conditions = [{ ...ready, lastTransitionTime: "2026-01-01T00:00:00Z" }];
    const object = { apiVersion: "certs.field.example.com/v1", kind: "Certificate", metadata: { name: "web" } };
    const applied = await api.send(
      "PATCH",
      `${pathOf(certificates, "web")}/status?fieldManager=issuing&force=true`,
      { ...object, status: { conditions, revision: 1, notAfter: "2026-04-01T00:00:00Z" } },
      apply,
    );
    expect(applied.status, JSON.stringify(applied.json)).to.equal(200);
    const again = [{ type: "Issuing", status: "False", lastTransitionTime: "2026-01-01T00:00:00Z" }];
    await api.send(
      "PATCH",
      `${pathOf(certificates, "web")}/status?fieldManager=trigger`,
      { ...object, status: { conditions: again } },
      apply,
    );
    expect(at((await events.next()).value?.object, "status", "revision")).to.equal(1);
    const both = at((await events.next()).value?.object, "status", "conditions") as { type: string }[];
    expect(both.map(({ type }) => type)).to.deep.equal(["Ready", "Issuing"]);
    await events.return(undefined);
    const { json } = await api.send("GET", pathOf(certificates), undefined, table);
    expect(at(json, "rows", 0, "cells")).to.deep.equal(["web", "True", "tls", "ca", at(json, "rows", 0, "cells", 4)]);
  });

  it("refuse a certificate that is renewed in two ways, or by a time that is none", async () => {
    const spec = { secretName: "tls", issuerRef: { name: "ca" }, renewBefore: "1h" };
    const send = (more: object) =>
      api.send("POST", pathOf(certificates), { metadata: { name: "wrong" }, spec: { ...spec, ...more } });
    const two = await send({ renewBeforePercentage: 50 });
    expect(at(two.json, "message")).to.contain("renewBefore and renewBeforePercentage exclude each other");
    const time = await send({ duration: "soon" });
    expect(at(time.json, "message")).to.contain("spec.duration in body should match '^([0-9]+(s|m|h))+$'");
  });

  it("scale a monitored set, and keep what containers and volumes of it say", async () => {
    const volumeClaimTemplate = { metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } } } };
    const made = await created(prometheuses, "main", {
      shards: 1,
      resources: { requests: { cpu: 1, memory: "400Mi" }, claims: [{ name: "a" }] },
      containers: [{ name: "proxy", image: "proxy:1", anything: [1] }],
      storage: { volumeClaimTemplate },
    });
    expect(at(made, "spec")).to.deep.include({ retention: "24h", portName: "web" });
    expect(at(made, "spec", "storage", "volumeClaimTemplate", "spec")).to.deep.equal(volumeClaimTemplate.spec);
    expect(at(made, "spec", "containers", 0)).to.deep.equal({ name: "proxy", image: "proxy:1", anything: [1] });
    const wrong = await api.send(
      "PATCH",
      pathOf(prometheuses, "main"),
      { spec: { resources: { limits: { cpu: "much" } } } },
      merge,
    );
    expect(at(wrong.json, "message")).to.contain("spec.resources.limits.cpu");
    await api.send(
      "PATCH",
      `${pathOf(prometheuses, "main")}/status`,
      { status: { replicas: 1, selector: "a=b" } },
      merge,
    );
    const scaled = await api.send("PATCH", `${pathOf(prometheuses, "main")}/scale`, { spec: { replicas: 3 } }, merge);
    expect(at(scaled.json, "spec", "replicas")).to.equal(3);
    expect(at(scaled.json, "status")).to.deep.equal({ replicas: 1, selector: "a=b" });
    const { json } = await api.send("GET", pathOf(prometheuses, "main"));
    expect([at(json, "spec", "shards"), at(json, "metadata", "generation")]).to.deep.equal([3, 2]);
  });

  it("let two managers have an application, which client-side apply then changes", async function () {
    if (!kubectl) return this.skip();
    const object = (spec: object) => ({
      apiVersion: "apps.field.example.com/v1alpha1",
      kind: "Application",
      metadata: { name: "shop" },
      spec: { project: "default", destination: { namespace: "shop" }, ...spec },
    });
    const first = object({ source: { repoURL: "https://example.com/shop", helm: { valuesObject: { a: { b: 1 } } } } });
    const run = async (args: string[], input: object) => {
      const { code, out, err } = await (kubectl as KubectlDoor).run(args, JSON.stringify(input));
      expect({ code, err }).to.deep.equal({ code: 0, err: "" });
      return out;
    };
    expect(await run(["apply", "-f", "-"], first)).to.contain("created");
    expect(await run(["apply", "-f", "-"], first)).to.contain("unchanged");
    const policy = object({ syncPolicy: { automated: { prune: true }, syncOptions: ["CreateNamespace=true"] } });
    const synced = await api.send("PATCH", `${pathOf(applications, "shop")}?fieldManager=sync`, policy, apply);
    expect(synced.status, JSON.stringify(synced.json)).to.equal(200);
    const changed = object({ source: { repoURL: "https://example.com/shop", targetRevision: "v2" } });
    const differs = await (kubectl as KubectlDoor).run(["diff", "-f", "-"], JSON.stringify(changed));
    expect(differs.out).to.contain("+    targetRevision: v2");
    expect(await run(["apply", "-f", "-"], changed)).to.contain("configured");
    const { json } = await api.send("GET", pathOf(applications, "shop"));
    expect(at(json, "spec", "source")).to.deep.equal({ repoURL: "https://example.com/shop", targetRevision: "v2" });
    expect(at(json, "spec", "syncPolicy", "automated", "prune")).to.equal(true);
    const history = Array.from({ length: 3 }, (_, id) => ({ id, revision: `v${id}` }));
    await api.send(
      "PATCH",
      `${pathOf(applications, "shop")}/status`,
      { status: { sync: { status: "Synced" }, history } },
      merge,
    );
    const shown = await run(["get", "apps", "shop"], {});
    expect(shown).to.match(/NAME\s+SYNC STATUS\s+HEALTH STATUS\nshop\s+Synced/);
  });

  it("may be longer than an annotation", async () => {
    const size = JSON.stringify(applicationSets).length;
    expect(size).to.be.greaterThan(2 * annotationLimit);
    const { name } = applicationSets.metadata;
    const path = `${definitions}/${name}?fieldManager=deploy`;
    const made = await api.send("PATCH", path, applicationSets, apply);
    expect(made.status, made.bytes.toString().slice(0, 500)).to.equal(201);
    if (kubectl) {
      const waited = await kubectl.run(["wait", "--for=condition=Established", `crd/${name}`]);
      expect(waited.out).to.contain("condition met");
      await kubectl.run(["api-resources"]); // forgets what it knows of discovery
      const explained = await kubectl.run([
        "explain",
        "appset.spec.generators.matrix.generators.git.template.spec.source",
      ]);
      expect(explained.out, explained.err).to.contain("repoURL");
    }
    const generators = [{ matrix: { generators: [{ git: { values: { a: "b" } } }], unknown: 1 } }];
    const set = await created(applicationSets, "all", { generators, goTemplate: true });
    expect(at(set, "spec", "generators", 0, "matrix")).to.deep.equal({ generators: [{ git: { values: { a: "b" } } }] });
    const again = await api.send("PATCH", path, applicationSets, apply);
    expect(at(again.json, "metadata", "generation")).to.equal(1);
  });
});
