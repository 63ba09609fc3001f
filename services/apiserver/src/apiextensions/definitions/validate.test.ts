import type { apiextensionsV1 } from "@tskube/api";
import { fieldErrorMessage } from "@tskube/apimachinery";
import { expect } from "chai";
import type { Schema } from "../schema/structure.ts";
import { validateDefinition, validateDefinitionUpdate } from "./validate.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Version = apiextensionsV1.CustomResourceDefinitionVersion;

const text: Schema = { type: "string" };
const schemaOf = (spec: Schema): Schema => ({ type: "object", properties: { spec } });
const fields = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: "object",
  properties,
  ...more,
});

function version(schema: Schema | undefined, more: Partial<Version> = {}): Version {
  return {
    name: "v1",
    served: true,
    storage: true,
    ...(schema && { schema: { openAPIV3Schema: schema } }),
    ...more,
  } as Version;
}

function definition(spec: object = {}, more: object = {}): Definition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
      versions: [version(schemaOf(fields({ a: text })))],
      conversion: { strategy: "None" },
      ...spec,
    },
    status: { conditions: [], acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] },
    ...more,
  } as unknown as Definition;
}

const found = (one: Definition) => validateDefinition(one).map(fieldErrorMessage);
const ofSchema = (schema: Schema) => found(definition({ versions: [version(schema)] }));
/** Errors of a field of `spec`, with the way to it left out. */
const ofField = (schema: Schema) =>
  ofSchema(schemaOf(fields({ a: schema }))).map((message) =>
    message.replaceAll("spec.validation.openAPIV3Schema.properties[spec].properties[a]", "@"),
  );

describe("custom resource definitions", () => {
  it("that are in order are taken", () => expect(found(definition())).to.deep.equal([]));

  const specs: [string, object, string][] = [
    ["a group without a dot", { group: "apps" }, "should be a domain with at least one dot"],
    ["no scope", { scope: "" }, "spec.scope: Required value"],
    [
      "an unknown scope",
      { scope: "x" },
      'spec.scope: Unsupported value: "x": supported values: "Cluster", "Namespaced"',
    ],
    [
      "a kind that is its own list",
      { names: { plural: "things", singular: "thing", kind: "Thing", listKind: "Thing" } },
      'spec.names.listKind: Invalid value: "Thing": kind and listKind may not be the same',
    ],
    [
      "a kind that is no name",
      { names: { plural: "things", singular: "thing", kind: "Th ing", listKind: "ThingList" } },
      'spec.names.kind: Invalid value: "Th ing": may have mixed case, but should otherwise match: a DNS-1035 label',
    ],
    [
      "no version to store",
      { versions: [version(schemaOf(text), { storage: false })] },
      "must have exactly one version marked as storage version",
    ],
    [
      "a version without a schema",
      { versions: [version(undefined)] },
      "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required",
    ],
    [
      "a warning of a version that is not deprecated",
      { versions: [version(schemaOf(text), { deprecationWarning: "x" })] },
      'spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions',
    ],
    [
      "preserved fields",
      { preserveUnknownFields: true },
      "spec.preserveUnknownFields: Invalid value: true: cannot set to true",
    ],
    [
      "a scale path out of place",
      {
        versions: [
          version(schemaOf(text), {
            subresources: { scale: { specReplicasPath: ".status.n", statusReplicasPath: "status" } },
          }),
        ],
      },
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec',
    ],
    [
      "a column of no type",
      {
        versions: [version(schemaOf(text), { additionalPrinterColumns: [{ name: "A", type: "map", jsonPath: ".a" }] })],
      },
      'spec.additionalPrinterColumns[0].type: Invalid value: "map": must be one of boolean,date,integer,number,string',
    ],
    [
      "a selectable list",
      {
        versions: [
          version(schemaOf(fields({ a: { type: "array", items: text } })), {
            selectableFields: [{ jsonPath: ".spec.a" }],
          }),
        ],
      },
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": must point to a field of type string, boolean or integer',
    ],
    [
      "a selectable field that is not there",
      { versions: [version(schemaOf(text), { selectableFields: [{ jsonPath: ".spec.z" }] })] },
      "is an invalid path: does not refer to a valid field",
    ],
    [
      "a webhook without an address",
      { conversion: { strategy: "Webhook", webhook: { clientConfig: {}, conversionReviewVersions: ["v2"] } } },
      "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required",
    ],
    [
      "a webhook by plain HTTP",
      {
        conversion: {
          strategy: "Webhook",
          webhook: { clientConfig: { url: "http://a/b" }, conversionReviewVersions: ["v1"] },
        },
      },
      "'https' is the only allowed URL scheme; desired format: https://host[/path]",
    ],
  ];
  for (const [what, spec, expected] of specs) {
    it(`are refused for ${what}`, () => expect(found(definition(spec)).join("\n")).to.contain(expected));
  }

  const nodes: [Schema, string][] = [
    [{}, "@.type: Required value: must not be empty for specified object fields"],
    [{ type: "array" }, "@.items: Required value: must be specified"],
    [{ type: "null" }, "@.type: Forbidden: type cannot be set to null, use nullable as an alternative"],
    [{ type: "string", $ref: "#/x" }, "@.$ref: Forbidden: $ref is not supported"],
    [
      { type: "array", items: text, uniqueItems: true },
      "@.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    ],
    [
      { type: "object", properties: { b: text }, additionalProperties: text },
      "@.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive",
    ],
    [
      { type: "string", "x-kubernetes-preserve-unknown-fields": false },
      "@.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined",
    ],
    [
      { type: "array", items: text, "x-kubernetes-list-type": "map" },
      "@.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
    ],
    [
      {
        type: "array",
        items: fields({ name: text }),
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
      },
      "@.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
    ],
    [
      { type: "array", items: fields({ b: text }), "x-kubernetes-list-type": "set" },
      "@.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set",
    ],
    [
      { type: "string", pattern: "[a-z]{0,1000}".repeat(20) },
      "must be a valid regular expression, but isn't: error parsing regexp: expression too large",
    ],
    [
      fields(
        Object.fromEntries(
          Array.from({ length: 200 }, (_, i) => [`f${i}`, { type: "string", pattern: "[a-z]{0,1000}" }]),
        ),
      ),
      "spec.validation.openAPIV3Schema: Forbidden: patterns are too large together",
    ],
    [
      { type: "string", pattern: "(" },
      '@.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t:',
    ],
    [
      { type: "object", "x-kubernetes-embedded-resource": true },
      "@.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
    ],
    [
      { type: "string", anyOf: [{ type: "string", description: "x" }] },
      "@.anyOf[0].description: Forbidden: must be empty to be structural",
    ],
    [
      { type: "object", allOf: [{ properties: { b: { minLength: 1 } } }] },
      "@.properties[b]: Required value: because it is defined in @.allOf[0].properties[b]",
    ],
    [
      { type: "integer", default: "x" },
      '@.default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
    [{ ...fields({ b: text }), default: { c: 1 } }, '@.default: Invalid value: {"c":1}: must not have unknown fields'],
  ];
  for (const [schema, expected] of nodes) {
    it(`are refused for fields such as ${JSON.stringify(schema)}`, () => {
      expect(ofField(schema).join("\n")).to.contain(expected);
    });
  }

  it("may say in OpenAPI's words that a value is a number or a text", () => {
    const either: Schema[] = [{ type: "integer" }, { type: "string" }];
    expect(ofField({ "x-kubernetes-int-or-string": true, anyOf: either })).to.deep.equal([]);
    const both = { "x-kubernetes-int-or-string": true, allOf: [{ anyOf: either }, { maxLength: 3 }] };
    expect(ofField(both)).to.deep.equal([]);
  });

  it("may restrict names, and no other metadata", () => {
    const metadata = (properties: Record<string, Schema>): Schema => fields({ metadata: fields(properties) });
    expect(ofSchema(metadata({ name: { type: "string", maxLength: 5 } }))).to.deep.equal([]);
    expect(ofSchema(metadata({ labels: { type: "object", additionalProperties: text } })).join()).to.contain(
      "spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
    );
  });

  it("tell of schemas that differ under their versions, of those that do not once", () => {
    const wrong = version(schemaOf({}), { name: "v2", storage: false });
    const two = (first: Schema) => found(definition({ versions: [version(first), wrong] }));
    expect(two(schemaOf(text))[0]).to.match(
      /^spec\.versions\[1\]\.schema\.openAPIV3Schema\.properties\[spec\]\.type: /,
    );
    expect(two(schemaOf({}))).to.have.length(1);
    expect(two(schemaOf({}))[0]).to.match(/^spec\.validation\.openAPIV3Schema\.properties\[spec\]\.type: /);
  });

  const rule = (schema: Schema, ...rules: apiextensionsV1.ValidationRule[]): Schema => ({
    ...schema,
    "x-kubernetes-validations": rules,
  });
  const rules: [Schema, string][] = [
    [rule(text, { rule: "self >" }), "compilation failed: ERROR: <input>:1:"],
    [
      rule(fields({ b: text }), { rule: "self.nope == 'x'" }),
      "compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 'x'\n | ....^",
    ],
    [
      rule({ type: "integer" }, { rule: "self == 'x'" }),
      "found no matching overload for '_==_' applied to '(int, string)'",
    ],
    [rule(text, { rule: "self" }), "cel expression must evaluate to a bool"],
    [rule(text, { rule: "true", messageExpression: "1" }), "messageExpression must evaluate to a string"],
    [rule(text, { rule: " " }), "@.x-kubernetes-validations[0].rule: Required value: rule is not specified"],
    [rule(text, { rule: "true\n" }), ""],
    [
      rule(text, { rule: "true &&\ntrue" }),
      "@.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks",
    ],
    [
      rule(text, { rule: "true", fieldPath: ".b" }),
      '@.x-kubernetes-validations[0].fieldPath: Invalid value: ".b": fieldPath must be a valid path',
    ],
    [
      rule(text, { rule: "true", reason: "Because" }),
      '@.x-kubernetes-validations[0].reason: Unsupported value: "Because"',
    ],
    [
      rule(text, { rule: "true", optionalOldSelf: true }),
      "@.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule",
    ],
    [
      { type: "array", items: rule(text, { rule: "self == oldSelf" }) },
      "oldSelf cannot be used on the uncorrelatable portion of the schema within @",
    ],
    [
      rule({ type: "array", items: text }, { rule: "self.all(a, self.exists(b, a == b))" }),
      "@.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)",
    ],
  ];
  for (const [schema, expected] of rules) {
    it(`are refused for rules such as ${JSON.stringify(schema).slice(0, 90)}`, () => {
      const messages = ofField(schema).join("\n");
      if (expected === "") expect(messages).to.equal("");
      else expect(messages).to.contain(expected);
    });
  }

  it("are refused when their rules cost too much together", () => {
    const costly = rule(
      { type: "array", items: text, maxItems: 1000 },
      { rule: "self.all(a, a.contains('0123456789'))" },
    );
    const many = Array.from({ length: 3 }, (_, index) => [`f${index}`, costly] as const);
    const messages = ofSchema(schemaOf(fields(Object.fromEntries(many))));
    expect(messages.filter((message) => message.includes("contributed to estimated rule cost total"))).to.have.length(
      3,
    );
    expect(messages.at(-1)).to.match(
      /^spec\.validation\.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of/,
    );
  });

  it("keep what objects may depend on", () => {
    const established = [{ type: "Established", status: "True" }];
    const old = definition(
      {},
      { status: { conditions: established, acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] } },
    );
    const next = definition({
      scope: "Cluster",
      names: { plural: "things", singular: "thing", kind: "Other", listKind: "ThingList" },
      versions: [version(schemaOf(text), { name: "v2" })],
    });
    expect(validateDefinitionUpdate(next, old).map(fieldErrorMessage)).to.deep.equal([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Other": field is immutable',
      'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });

  it("need approval for Kubernetes' own groups", () => {
    const own = (annotations: object) =>
      definition({ group: "x.k8s.io" }, { metadata: { name: "things.x.k8s.io", annotations } });
    expect(found(own({}))[0]).to.contain(
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io"',
    );
    expect(found(own({ "api-approved.kubernetes.io": "unapproved, for a test" }))).to.deep.equal([]);
  });
});
