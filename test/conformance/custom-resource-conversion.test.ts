import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@tskube/store";
import { expect } from "chai";
import {
  at,
  type Json,
  openServerOver,
  type TestServer,
  watchEvents,
} from "../integration/apiserver/open-test-server.ts";
import { definitions, establish, until } from "../integration/crd/establish.ts";
import {
  type ConversionReview,
  converted,
  openWebhook,
  serveBehindService,
  type WebhookServer,
} from "../integration/crd/webhook-server.ts";

const service = { name: "e2e-test-crd-conversion-webhook", namespace: "default", port: 9443 };
const withinMs = 15_000;
const v1Schema = { type: "object", properties: { hostPort: { type: "string" } } };
const v2Schema = { type: "object", properties: { host: { type: "string" }, port: { type: "string" } } };

/** `hostPort: a:1` in v1 is `host: a`, `port: 1` in v2. */
function convertHosts(review: ConversionReview): object {
  const { desiredAPIVersion, objects } = review.request;
  return converted(
    review,
    objects.map(({ hostPort, host, port, ...rest }) => {
      const fields = desiredAPIVersion.endsWith("/v1") ? joined(host, port) : split(hostPort);
      return { ...rest, ...fields, apiVersion: desiredAPIVersion };
    }),
  );
}

function joined(host: unknown, port: unknown): object {
  return host === undefined ? {} : { hostPort: port === undefined ? host : `${host}:${port}` };
}

function split(hostPort: unknown): object {
  if (hostPort === undefined) return {};
  const [host, port] = String(hostPort).split(":");
  return { host, ...(port !== undefined && { port }) };
}

describe("conformance: conversion of custom resources", () => {
  let folder: string;
  let store: Store;
  let api: TestServer;
  let webhook: WebhookServer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tskube-crd-conversion-"));
    store = await openEmbeddedStore({ directory: folder, isDurable: false });
    api = await openServerOver(store);
    webhook = await openWebhook(`${service.name}.${service.namespace}.svc`, convertHosts);
    await serveBehindService(api, store, service, webhook);
  });
  after(async () => {
    webhook?.close();
    await api?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const versions = (storage: string, isSelectable = false) =>
    [
      { name: "v1", schema: v1Schema, fields: [".hostPort"] },
      { name: "v2", schema: v2Schema, fields: [".host", ".port"] },
    ].map(({ name, schema, fields }) => ({
      name,
      served: true,
      storage: name === storage,
      schema: { openAPIV3Schema: schema },
      ...(isSelectable && { selectableFields: fields.map((jsonPath) => ({ jsonPath })) }),
    }));

  async function define(plural: string, isSelectable = false): Promise<(version: string) => string> {
    const group = "stable.example.com";
    await establish(api, {
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural, kind: `${plural}-crd` },
        versions: versions("v1", isSelectable),
        conversion: {
          strategy: "Webhook",
          webhook: {
            clientConfig: { caBundle: webhook.caBundle, service: { ...service, path: "/crdconvert" } },
            conversionReviewVersions: ["v1", "v1beta1"],
          },
        },
      },
    });
    return (version) => `/apis/${group}/${version}/namespaces/default/${plural}`;
  }

  const created = async (path: string, name: string, fields: object): Promise<void> => {
    const { status, json } = await api.send("POST", path, { metadata: { name }, ...fields });
    expect(status, JSON.stringify(json)).to.equal(201);
  };
  const fieldsOf = (object: Json) => {
    const { hostPort, host, port } = object as Record<string, unknown>;
    return { hostPort, host, port };
  };
  const asV1 = { hostPort: "localhost:8080", host: undefined, port: undefined };
  const asV2 = { hostPort: undefined, host: "localhost", port: "8080" };

  it("[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert from CR v1 to CR v2 [Conformance]", async () => {
    const at = await define("e2e-convert-ones");
    await created(at("v1"), "cr-instance-1", { hostPort: "localhost:8080" });
    const { json } = await api.send("GET", `${at("v2")}/cr-instance-1`);
    expect(fieldsOf(json)).to.deep.equal(asV2);
    expect(json).to.include({ apiVersion: "stable.example.com/v2" });
  });

  it("[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert a non homogeneous list of CRs [Conformance]", async () => {
    const path = await define("e2e-convert-lists");
    await created(path("v1"), "cr-instance-1", { hostPort: "localhost:8080" });
    const merge = { "content-type": "application/merge-patch+json" };
    const name = `${definitions}/e2e-convert-lists.stable.example.com`;
    await api.send("PATCH", name, { spec: { versions: versions("v2") } }, merge);
    await until(
      () => api.send("GET", name),
      ({ json }) => JSON.stringify(at(json, "status", "storedVersions")) === '["v1","v2"]',
    );
    await created(path("v1"), "cr-instance-2", { hostPort: "localhost:8080" });
    for (const [version, expected] of [
      ["v1", asV1],
      ["v2", asV2],
    ] as const) {
      const { json } = await api.send("GET", path(version));
      const items = at(json, "items") as Json[];
      expect(items.map((item) => at(item, "metadata", "name"))).to.deep.equal(["cr-instance-1", "cr-instance-2"]);
      for (const item of items) {
        expect(item).to.include({ apiVersion: `stable.example.com/${version}` });
        expect(fieldsOf(item)).to.deep.equal(expected);
      }
    }
  });

  it("[sig-api-machinery] CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector [Conformance]", async () => {
    const path = await define("e2e-selected", true);
    const query = (selector: string) => `fieldSelector=${encodeURIComponent(selector)}`;
    const watch = (version: string, selector: string) =>
      watchEvents(api.transport, `${path(version)}?watch=true&${query(selector)}`, AbortSignal.timeout(withinMs));
    const watches = {
      host: watch("v2", "host=host1"),
      both: watch("v2", "host=host1,port=80"),
      joined: watch("v1", "hostPort=host1:80"),
    };
    const listed = async (version: string, selector: string) => {
      const { json } = await api.send("GET", `${path(version)}?${query(selector)}`);
      return (at(json, "items") as Json[]).map((item) => at(item, "metadata", "name"));
    };
    const next = async (events: (typeof watches)["host"], count: number) => {
      const seen: string[] = [];
      while (seen.length < count) {
        const { value } = await events.next();
        seen.push(`${value?.type} ${at(value?.object, "metadata", "name")}`);
      }
      return seen.sort();
    };
    await created(path("v2"), "one", { host: "host1", port: "80" });
    await created(path("v2"), "two", { host: "host1", port: "8080" });
    await created(path("v2"), "three", { host: "host2" });
    expect(await listed("v2", "host=host1")).to.deep.equal(["one", "two"]);
    expect(await listed("v2", "host=host1,port=80")).to.deep.equal(["one"]);
    expect(await listed("v1", "hostPort=host1:80")).to.deep.equal(["one"]);
    expect(await listed("v1", "hostPort=host1:8080")).to.deep.equal(["two"]);
    expect(await next(watches.host, 2)).to.deep.equal(["ADDED one", "ADDED two"]);
    expect(await next(watches.both, 1)).to.deep.equal(["ADDED one"]);
    expect(await next(watches.joined, 1)).to.deep.equal(["ADDED one"]);

    await api.send("DELETE", `${path("v2")}?${query("host=host1,port=80")}`);
    const { json: two } = await api.send("GET", `${path("v2")}/two`);
    await api.send("PUT", `${path("v2")}/two`, { ...two, host: "host2" });
    expect(await listed("v2", "host=host1")).to.deep.equal([]);
    expect(await listed("v2", "host=host1,port=80")).to.deep.equal([]);
    expect(await next(watches.host, 2)).to.deep.equal(["DELETED one", "DELETED two"]);
    expect(await next(watches.both, 1)).to.deep.equal(["DELETED one"]);
    expect(await next(watches.joined, 1)).to.deep.equal(["DELETED one"]);
    for (const events of Object.values(watches)) await events.return(undefined);
  });
});
