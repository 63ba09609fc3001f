import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@tskube/store";
import { expect } from "chai";
import { at, openServerOver, type TestServer } from "../apiserver/open-test-server.ts";
import { establish } from "../crd/establish.ts";
import { mergePatch, ruleFor } from "./configure.ts";

const beta = "admissionregistration.k8s.io/v1beta1";
const group = "mutations.example.com";
const text = { type: "string" };

const definition = {
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  size: { type: "integer", default: 1 },
                  parts: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: { type: "object", required: ["name"], properties: { name: text, color: text } },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

describe("mutating admission policies", () => {
  let directory: string;
  let store: Store;
  let api: TestServer;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "tskube-mutations-"));
    store = await openEmbeddedStore({ directory, isDurable: false });
    api = await openServerOver(store, { runtimeConfig: [`${beta}=true`] });
    await establish(api, definition);
  });
  after(async () => {
    await api?.close();
    await store?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function write(name: string, rule: object, expression: string): Promise<void> {
    const mutations = [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }];
    const spec = { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: "Never", mutations };
    const kinds = { mutatingadmissionpolicies: spec, mutatingadmissionpolicybindings: { policyName: name } };
    for (const [resource, content] of Object.entries(kinds)) {
      const made = await api.send("POST", `/apis/${beta}/${resource}`, { metadata: { name }, spec: content });
      expect(made.status, made.bytes.toString()).to.equal(201);
    }
  }

  it("merge into custom resources by their schemas, whose defaults count", async () => {
    const expression =
      "Object{spec: Object.spec{parts: [Object.spec.parts{name: 'a', color: 'red'}, Object.spec.parts{name: 'c'}]}}";
    await write("parts", ruleFor(`widgets.${group}`), expression);
    const parts = [{ name: "a" }, { name: "b", color: "blue" }];
    const path = `/apis/${group}/v1/namespaces/default/widgets`;
    const made = await api.send("POST", path, { metadata: { name: "w" }, spec: { parts } });
    expect(at(made.json, "spec"), made.bytes.toString()).to.deep.equal({
      parts: [{ name: "a", color: "red" }, { name: "b", color: "blue" }, { name: "c" }],
      size: 1,
    });
  });

  it("change the scale of an object", async () => {
    const rule = { ...ruleFor("deployments.apps", "UPDATE"), resources: ["deployments/scale"] };
    await write("even", rule, "Object{spec: Object.spec{replicas: object.spec.replicas + object.spec.replicas % 2}}");
    const labels = { app: "scaled" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
    const deployments = "/apis/apps/v1/namespaces/default/deployments";
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    await api.send("POST", deployments, { metadata: { name: "scaled" }, spec });
    const scaled = await api.send("PATCH", `${deployments}/scaled/scale`, { spec: { replicas: 3 } }, mergePatch);
    expect(at(scaled.json, "spec", "replicas"), scaled.bytes.toString()).to.equal(4);
  });
});
