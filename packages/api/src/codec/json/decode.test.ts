import { expect } from "chai";
import { DecodeError, decodeObject, normalize, readApplied, StrictDecodingError } from "./index.ts";

const deployment = "apps/v1.Deployment";
const pod = "core/v1.Pod";

function body(spec: unknown): string {
  return JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec });
}

describe("decodeObject", () => {
  it("returns the object as Go would write it", () => {
    const { object } = decodeObject(deployment, body({ replicas: 0, paused: false, selector: null, template: {} }));
    expect(object).to.deep.equal({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas: 0, template: { metadata: {}, spec: { containers: [] } }, strategy: {} },
      status: {},
    });
  });

  it("writes times that nobody set as null where Go holds them by value, and not where it holds pointers", () => {
    const condition = normalize("core/v1.PodCondition", { type: "Ready", status: "True" });
    expect(condition).to.deep.equal({ type: "Ready", status: "True", lastProbeTime: null, lastTransitionTime: null });
    expect(normalize("core/v1.PodStatus", {})).to.not.have.property("startTime");
    expect(normalize("meta/v1.ObjectMeta", { name: "a" })).to.deep.equal({ name: "a" });
  });

  it("orders fields as the schema does", () => {
    const { object } = decodeObject(deployment, '{"spec":{},"metadata":{},"kind":"Deployment","apiVersion":"apps/v1"}');
    expect(Object.keys(object)).to.deep.equal(["apiVersion", "kind", "metadata", "spec", "status"]);
  });

  it("takes null among the items for the item's zero value", () => {
    expect(normalize("core/v1.Secret", { data: { a: null } })["data"]).to.deep.equal({ a: "" });
    expect(normalize("core/v1.Container", { name: "a", args: [null] })["args"]).to.deep.equal([""]);
  });

  it("flattens what Go inlines", () => {
    const volumes = [{ name: "tmp", emptyDir: {} }];
    const read = normalize("core/v1.PodSpec", { containers: [], volumes });
    expect(read["volumes"]).to.deep.equal(volumes);
  });

  it("brings scalars into canonical form", () => {
    const read = normalize("core/v1.Container", {
      name: "a",
      resources: { limits: { cpu: 0.5, memory: "1024Mi" } },
      ports: [{ containerPort: 80 }],
      livenessProbe: { httpGet: { port: "http" } },
    });
    expect(read["resources"]).to.deep.equal({ limits: { cpu: "500m", memory: "1Gi" } });
    const meta = normalize("meta/v1.ObjectMeta", { creationTimestamp: "2024-02-03T10:00:00.5+02:00" });
    expect(meta).to.deep.equal({ creationTimestamp: "2024-02-03T08:00:00Z" });
  });

  it("keeps keys that mean something to JavaScript", () => {
    const { object } = decodeObject(pod, '{"metadata":{"labels":{"__proto__":"a","constructor":"b"}}}');
    const labels = (object["metadata"] as { labels: Record<string, string> }).labels;
    expect(Object.entries(labels)).to.deep.equal([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("reads the unions of a JSON schema", () => {
    const schema = { items: { type: "string", nonsense: 1 }, additionalProperties: false };
    expect(normalize("apiextensions.k8s.io/v1.JSONSchemaProps", schema)).to.deep.equal({
      items: { type: "string" },
      additionalProperties: false,
    });
  });

  it("reads YAML as upstream does: yes is true, dates and port pairs are text", () => {
    const { object } = decodeObject(
      pod,
      "metadata:\n  annotations:\n    day: 2024-01-02\n    ports: 80:80\nspec:\n  hostNetwork: yes\n",
      {
        format: "yaml",
      },
    );
    expect(object["metadata"]).to.deep.equal({ annotations: { day: "2024-01-02", ports: "80:80" } });
    expect(object["spec"]).to.include({ hostNetwork: true });
  });
});

describe("readApplied", () => {
  it("keeps the very fields that were written, with canonical values", () => {
    const limits = { cpu: 0.5 };
    const value = {
      metadata: { labels: {} },
      spec: { hostNetwork: false, containers: [{ name: "a", resources: { limits } }] },
    };
    expect(readApplied(pod, { value, duplicates: [] }).object).to.deep.equal({
      metadata: { labels: {} },
      spec: { hostNetwork: false, containers: [{ name: "a", resources: { limits: { cpu: "500m" } } }] },
    });
  });

  it("checks types and fields like any other reading", () => {
    const read = (value: unknown) => () => readApplied(pod, { value, duplicates: [] }, "Strict");
    expect(read({ spec: 1 })).to.throw(DecodeError);
    expect(read({ foo: 1 })).to.throw(StrictDecodingError, 'unknown field "foo"');
  });
});

describe("decodeObject on bodies of the wrong type", () => {
  const cases: [string, string, string][] = [
    [
      deployment,
      body({ replicas: "3" }),
      "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      deployment,
      body({ template: { spec: { containers: [{ name: "a", image: 5 }] } } }),
      "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string",
    ],
    [
      deployment,
      body({ replicas: 1.5 }),
      "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      pod,
      '{"spec":{"containers":{}}}',
      "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      pod,
      '{"spec":{"restartPolicy":true}}',
      "json: cannot unmarshal bool into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
    ],
    [
      pod,
      '{"metadata":{"labels":{"a":1}}}',
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      pod,
      '{"spec":{"overhead":{"cpu":"x"}}}',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      pod,
      '{"spec":{"overhead":"1"}}',
      "json: cannot unmarshal string into Go struct field PodSpec.spec.overhead of type v1.ResourceList",
    ],
    [
      "apiextensions.k8s.io/v1.JSONSchemaProps",
      '{"maximum":1e999}',
      "json: cannot unmarshal number Infinity into Go struct field JSONSchemaProps.maximum of type float64",
    ],
    [pod, "[]", "json: cannot unmarshal array into Go value of type v1.Pod"],
  ];
  for (const [type, text, message] of cases) {
    it(`says ${message}`, () => {
      expect(() => decodeObject(type, text)).to.throw(DecodeError, message);
    });
  }

  it("refuses broken syntax", () => {
    expect(() => decodeObject(pod, "{")).to.throw(DecodeError);
    for (const broken of ["a: [", "a: *nowhere", "a: &a [*a]"]) {
      const decode = () => decodeObject(pod, broken, { format: "yaml" });
      expect(decode, broken).to.throw(DecodeError, "error converting YAML to JSON");
    }
  });
});

describe("field validation", () => {
  const twice =
    '{"spec":{"replicas":1,"replicas":2,"foo":1,"template":{"spec":{"containers":[{"name":"a"},{"name":"b","bar":"\\"x"}]}}},' +
    '"metadata":{"labels":{"a":"1","a":"2"}}}';
  const errors = [
    'unknown field "spec.template.spec.containers[1].bar"',
    'unknown field "spec.foo"',
    'duplicate field "spec.replicas"',
    'duplicate field "metadata.labels.a"',
  ];

  it("warns of unknown and duplicate fields", () => {
    const { warnings, object } = decodeObject(deployment, twice, { fieldValidation: "Warn" });
    expect(warnings).to.have.members(errors);
    expect((object["spec"] as { replicas: number }).replicas).to.equal(2);
  });

  it("refuses them when strict, in upstream's words", () => {
    const decode = () => decodeObject(deployment, body({ foo: 1 }), { fieldValidation: "Strict" });
    expect(decode).to.throw(StrictDecodingError, 'strict decoding error: unknown field "spec.foo"');
  });

  it("tells of YAML's duplicate keys in the words of Go's parser", () => {
    const yaml = 'metadata:\n  labels:\n    a: b\n    "a": c\nspec: {}\nspec: {}\n';
    const { warnings } = decodeObject(pod, yaml, { format: "yaml", fieldValidation: "Warn" });
    const lines = ['line 4: key "a" already set in map', 'line 6: key "spec" already set in map'];
    expect(warnings).to.deep.equal([`yaml: unmarshal errors:\n${lines.map((line) => `  ${line}`).join("\n")}`]);
    const json = '{"metadata":{},"metadata":{}}';
    expect(decodeObject(pod, json, { format: "yaml", fieldValidation: "Warn" }).warnings[0]).to.include(
      'key "metadata"',
    );
  });

  it("says nothing when told to ignore", () => {
    expect(decodeObject(deployment, twice).warnings).to.deep.equal([]);
  });

  it("is not misled by braces and quotes inside strings", () => {
    const text = '{"metadata":{"annotations":{"a":"{\\"a\\":1,\\"a\\":2}\\\\","b":"]"}}}';
    expect(decodeObject(pod, text, { fieldValidation: "Warn" }).warnings).to.deep.equal([]);
  });
});
