import { expect } from "chai";
import { stringify } from "yaml";
import { establish } from "../integration/crd/establish.ts";
import { type Api, openApi } from "./open-api.ts";

const group = "noxu.example.com";
const apply = { "content-type": "application/apply-patch+yaml" };
const int32 = { type: "integer", format: "int32" };
const text = { type: "string" };
const specFields = {
  foo: text,
  cronSpec: { type: "string", pattern: "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$" },
  ports: {
    type: "array",
    "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
    "x-kubernetes-list-type": "map",
    items: {
      type: "object",
      properties: { containerPort: int32, hostIP: text, hostPort: int32, name: text, protocol: text },
      required: ["containerPort", "protocol"],
    },
  },
};
const schemaOf = (spec: object) => ({ type: "object", properties: { spec: { type: "object", ...spec } } });
const keepsUnknown = { "x-kubernetes-preserve-unknown-fields": true };
const validSpec = {
  foo: "foo1",
  cronSpec: "* * * * */5",
  ports: [{ name: "x", containerPort: 80, protocol: "TCP" }],
};

describe("conformance: field validation of custom resources", () => {
  let api: Api;
  let count = 0;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  /** Defines a kind of two versions and applies an object of it, strictly. */
  async function applied(schema: object, body: (header: object) => object | string) {
    const id = ++count;
    const names = { plural: `noxu${id}s`, singular: `noxu${id}`, kind: `Noxu${id}`, listKind: `Noxu${id}List` };
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: schema },
    });
    const spec = { group, names, scope: "Cluster", versions: [version("v1beta1", true), version("v1beta2", false)] };
    await establish(api, { metadata: { name: `${names.plural}.${group}` }, spec });
    const metadata = { name: "mytest", finalizers: ["test-finalizer"] };
    const sent = body({ apiVersion: `${group}/v1beta1`, kind: names.kind, metadata });
    const path = `/apis/${group}/v1beta1/${names.plural}/mytest?fieldManager=mgr&fieldValidation=Strict`;
    return api.send("PATCH", path, typeof sent === "string" ? sent : stringify(sent), apply);
  }

  it("[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema [Conformance]", async () => {
    const { status, bytes } = await applied(schemaOf({ properties: specFields }), (header) => ({
      ...header,
      spec: validSpec,
    }));
    expect(status, bytes.toString()).to.equal(201);
  });

  it("[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema [Conformance]", async () => {
    const { status, bytes } = await applied({ type: "object", ...keepsUnknown }, (header) => ({
      ...header,
      spec: { ...validSpec, unknown: "uk1" },
    }));
    expect(status, bytes.toString()).to.equal(201);
  });

  it("[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]", async () => {
    const { status, bytes } = await applied(schemaOf({ properties: specFields }), (header) => ({
      ...header,
      unknownField: "unknown",
      spec: validSpec,
    }));
    expect(status).to.equal(500);
    expect(bytes.toString()).to.contain(".unknownField: field not declared in schema");
  });

  it("[sig-api-machinery] FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR [Conformance]", async () => {
    const template = {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      properties: { metadata: { type: "object", properties: { name: text } }, spec: { type: "object" } },
    };
    const schema = schemaOf({ ...keepsUnknown, properties: { ...specFields, template } });
    const { status, bytes } = await applied(schema, (header) => ({
      ...header,
      metadata: { ...(header as { metadata: object }).metadata, unknownMeta: "unknown" },
      spec: {
        ...validSpec,
        template: {
          apiversion: "foo/v1",
          kind: "Sub",
          metadata: { unknownSubMeta: "unknown", name: "subobject", namespace: "default" },
        },
      },
    }));
    expect(status).to.equal(500);
    expect(bytes.toString()).to.contain(".spec.template.metadata.unknownSubMeta: field not declared in schema");
    expect(bytes.toString()).to.contain(".metadata.unknownMeta: field not declared in schema");
  });

  it("[sig-api-machinery] FieldValidation should detect duplicates in a CR when preserving unknown fields [Conformance]", async () => {
    const schema = schemaOf({ ...keepsUnknown, properties: specFields });
    const { status, bytes } = await applied(schema, (header) => {
      const [before, after] = stringify({ ...header, spec: { unknown: "uk1", ...validSpec } }).split("  foo: foo1\n");
      return `${before}  foo: foo1\n  foo: foo2\n${after}`;
    });
    expect(status).to.equal(400);
    expect(bytes.toString()).to.match(/line 10: key \\+"foo\\+" already set in map/);
  });
});
