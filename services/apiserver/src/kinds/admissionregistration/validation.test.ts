import type { KubeObject } from "@tskube/api";
import { type FieldError, field } from "@tskube/apimachinery";
import { expect } from "chai";
import { admissionRegistrationStrategies } from "./strategies.ts";

const { fieldErrorMessage } = field;

function messages(errors: readonly FieldError[] | undefined): string[] {
  return (errors ?? []).map(fieldErrorMessage);
}

function strategyOf(resource: string) {
  return admissionRegistrationStrategies[`${resource}.admissionregistration.k8s.io`];
}

function errorsOf(resource: string, content: object, old?: object): string[] {
  const of = (more: object) => ({ metadata: { name: "x" }, ...more }) as unknown as KubeObject;
  const strategy = strategyOf(resource);
  return messages(old ? strategy?.validateUpdate?.(of(content), of(old)) : strategy?.validate?.(of(content)));
}

const webhook = {
  name: "a.example.com",
  clientConfig: { url: "https://hook.test/path" },
  rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};
const webhooks = (...more: readonly object[]) => ({ webhooks: more.map((one) => ({ ...webhook, ...one })) });

describe("webhook configurations", () => {
  const cases: readonly (readonly [what: string, webhook: object, ...errors: string[]])[] = [
    ["complete", {}],
    [
      "a short name",
      { name: "a.b" },
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
    ],
    [
      "side effects",
      { sideEffects: "Some" },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      "a long timeout",
      { timeoutSeconds: 31 },
      "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
    ],
    [
      "unknown reviews",
      { admissionReviewVersions: ["v9"] },
      'webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
    ],
    [
      "nobody to ask",
      { clientConfig: {} },
      "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
    ],
    [
      "an open URL",
      { clientConfig: { url: "http://a?b#c" } },
      "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
      'webhooks[0].clientConfig.url: Invalid value: "c": fragments are not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "b": query parameters are not permitted in the URL',
    ],
    [
      "rules",
      { rules: [{ operations: ["*", "CREATE"], apiGroups: ["a"], apiVersions: [""], resources: ["*", "pods"] }] },
      'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
      "webhooks[0].rules[0].apiVersions[0]: Required value",
      'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
    [
      "conditions",
      {
        matchConditions: [
          { name: "c", expression: "object.x" },
          { name: "c", expression: "unknown" },
        ],
      },
      'webhooks[0].matchConditions[0].expression: Invalid value: "object.x": must evaluate to bool',
      "webhooks[0].matchConditions[1].expression: Invalid value: \"unknown\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'unknown' (in container '')\n | unknown\n | ^",
      'webhooks[0].matchConditions[1].name: Duplicate value: "c"',
    ],
    [
      "too many conditions",
      { matchConditions: Array.from({ length: 65 }, (_, index) => ({ name: `c${index}`, expression: "true" })) },
      "webhooks[0].matchConditions: Too many: 65: must have at most 64 items",
    ],
  ];
  for (const [what, more, ...errors] of cases) {
    it(`with ${what} are told so`, () => {
      expect(errorsOf("validatingwebhookconfigurations", webhooks(more))).to.deep.equal(errors);
    });
  }

  it("have webhooks of different names", () => {
    expect(errorsOf("mutatingwebhookconfigurations", webhooks({}, {}))).to.deep.equal([
      'webhooks[1].name: Duplicate value: "a.example.com"',
    ]);
  });

  it("may keep what they had before it was forbidden", () => {
    const old = webhooks({ sideEffects: "Some", matchConditions: [{ name: "c", expression: "broken(" }] });
    expect(errorsOf("validatingwebhookconfigurations", old, old)).to.deep.equal([]);
    expect(errorsOf("validatingwebhookconfigurations", old)).to.have.length(2);
  });

  it("name services with paths of clean segments", () => {
    const service = { namespace: "n", name: "s", path: "a//b" };
    expect(errorsOf("validatingwebhookconfigurations", webhooks({ clientConfig: { service } }))).to.include(
      "webhooks[0].clientConfig.service.path: Invalid value: \"a//b\": must start with a '/'",
    );
  });
});

const matchConstraints = {
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  resourceRules: webhook.rules,
};
const policy = (spec: object) => ({ spec: { failurePolicy: "Fail", matchConstraints, ...spec } });

describe("validating admission policies", () => {
  const cases: readonly (readonly [spec: object, ...errors: string[]])[] = [
    [{ validations: [{ expression: "object.metadata.name != 'x'" }] }],
    [
      {},
      "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
      "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
    ],
    [
      { validations: [{ expression: "true", messageExpression: "1", message: " ", reason: "Odd" }] },
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string',
      'spec.validations[0].message: Invalid value: " ": message must be non-empty if specified',
      'spec.validations[0].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"',
    ],
    [
      { paramKind: { kind: "A_b" }, validations: [{ expression: "params.x == 1" }] },
      "spec.paramKind.apiVersion: Required value",
      "spec.paramKind.kind: Invalid value: \"A_b\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      {
        variables: [
          { name: "in", expression: "1" },
          { name: "b", expression: "variables.c" },
        ],
        auditAnnotations: [{ key: "k", valueExpression: "1" }],
      },
      'spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
      "spec.variables[1].expression: Invalid value: \"variables.c\": compilation failed: ERROR: <input>:1:10: undefined field 'c'\n | variables.c\n | .........^",
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type]',
    ],
    [
      { matchConstraints: { matchPolicy: "Exact" }, validations: [{ expression: "true" }] },
      "spec.matchConstraints.namespaceSelector: Required value",
      "spec.matchConstraints.objectSelector: Required value",
      "spec.matchConstraints.resourceRules: Required value",
    ],
    [
      {
        validations: [{ expression: "true", messageExpression: "string(authorizer.path('/').check('get').allowed())" }],
      },
      "spec.validations[0].messageExpression: Invalid value: \"string(authorizer.path('/').check('get').allowed())\": compilation failed: ERROR: <input>:1:8: undeclared reference to 'authorizer' (in container '')\n | string(authorizer.path('/').check('get').allowed())\n | .......^",
    ],
  ];
  for (const [spec, ...errors] of cases) {
    it(`are checked: ${JSON.stringify(spec).slice(0, 60)}`, () => {
      expect(errorsOf("validatingadmissionpolicies", policy(spec))).to.deep.equal(errors);
    });
  }

  it("are bound by bindings that say what is to be done", () => {
    const of = (spec: object) => errorsOf("validatingadmissionpolicybindings", { spec });
    expect(of({ policyName: "p", validationActions: ["Deny"] })).to.deep.equal([]);
    expect(of({ validationActions: ["Deny", "Warn"], paramRef: { name: "a", selector: {} } })).to.deep.equal([
      "spec.policyName: Required value",
      "spec.paramRef.name: Forbidden: name and selector are mutually exclusive",
      "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive",
      "spec.paramRef.parameterNotFoundAction: Required value",
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ]);
  });
});

describe("mutating admission policies", () => {
  const reinvocationPolicy = "Never";
  const of = (...mutations: readonly object[]) =>
    errorsOf("mutatingadmissionpolicies", policy({ reinvocationPolicy, mutations }));

  it("have mutations whose expressions make what their type says", () => {
    const expression = "Object{metadata: Object.metadata{labels: {'a': 'b'}}}";
    expect(of({ patchType: "ApplyConfiguration", applyConfiguration: { expression } })).to.deep.equal([]);
    expect(of()).to.deep.equal(["spec.mutations: Required value: mutations must contain at least one item"]);
    expect(of({ patchType: "JSONPatch", jsonPatch: { expression } })).to.deep.equal([
      `spec.mutations[0].jsonPatch.expression: Invalid value: ${JSON.stringify(expression)}: must evaluate to list(JSONPatch)`,
    ]);
    expect(of({ patchType: "JSONPatch" })).to.deep.equal([
      "spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch",
    ]);
    expect(of({ patchType: "Odd" })).to.deep.equal([
      'spec.mutations[0].patchType: Unsupported value: "Odd": supported values: "ApplyConfiguration", "JSONPatch"',
    ]);
  });
});
