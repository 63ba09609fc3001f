import { createMetrics } from "@tskube/base";
import { expect } from "chai";
import type { Authorizer } from "../../../auth/authorizer.ts";
import { FakeObjects } from "../../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../../testing/write.ts";
import { createPolicyMetrics } from "../policy-metrics.ts";
import { validatingPolicies } from "./validating-policies.ts";

const group = "admissionregistration.k8s.io";
const matchConstraints = {
  resourceRules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
};

interface Case {
  readonly spec: object;
  readonly binding?: object;
  readonly objects?: FakeObjects;
  readonly authorizer?: Authorizer;
}

async function judge({ spec, binding = {}, objects = new FakeObjects(), authorizer }: Case) {
  objects
    .put("namespaces", object("Namespace", "dev", {}, ""))
    .put(
      `validatingadmissionpolicies.${group}`,
      object("ValidatingAdmissionPolicy", "p", { spec: { matchConstraints, ...spec } }, ""),
    )
    .put(
      `validatingadmissionpolicybindings.${group}`,
      object(
        "ValidatingAdmissionPolicyBinding",
        "b",
        { spec: { policyName: "p", validationActions: ["Deny"], ...binding } },
        "",
      ),
    );
  const reader = objects.reader({ group: "", resource: "configmaps" });
  const plugin = validatingPolicies({
    ...depsWith(objects),
    ...(authorizer && { authorizer }),
    findVersions: () => [],
    metrics: createPolicyMetrics("validating", createMetrics({ processFigures: false })),
    findParamResource: ({ kind }) =>
      kind === "ConfigMap" ? { reader, isNamespaced: true, whenReady: () => Promise.resolve() } : undefined,
  });
  const attributes = write("pods", podOf());
  return { message: await admit(plugin, attributes), attributes };
}

const rule = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });
const denied = (message: string) =>
  `pods "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;

const onlyX: Authorizer = {
  name: "only-x",
  authorize: ({ name }) =>
    name === "x" ? { allowed: true, reason: "" } : { allowed: false, denied: false, reason: "" },
};

describe("validating admission policies", () => {
  it("refuse what their expressions do not hold for, in their words", async () => {
    expect((await judge({ spec: rule("object.metadata.name == 'web'") })).message).to.equal("");
    expect((await judge({ spec: rule("false") })).message).to.equal(denied("failed expression: false"));
    expect((await judge({ spec: rule("false", { message: "no" }) })).message).to.equal(denied("no"));
    const messageExpression = "'not ' + object.metadata.name";
    expect((await judge({ spec: rule("false", { message: "no", messageExpression }) })).message).to.equal(
      denied("not web"),
    );
  });

  it("may name variables, the request, the namespace and what the user may do", async () => {
    const variables = [{ name: "count", expression: "size(object.spec.containers)" }];
    const expressions = [
      "variables.count == 1",
      "request.operation == 'CREATE' && request.userInfo.username == 'ann'",
      "namespaceObject.metadata.name == 'dev'",
      "oldObject == null",
      "quantity('1Gi').isGreaterThan(quantity('5Mi')) && [1, 2].sum() == 3",
      "authorizer.group('').resource('pods').namespace('dev').name('x').check('get').allowed()",
      "!authorizer.group('').resource('pods').name('y').check('get').allowed()",
      "!authorizer.requestResource.check('delete').allowed()",
    ];
    for (const expression of expressions) {
      for (const authorizer of [
        onlyX,
        { ...onlyX, authorize: async (asked) => onlyX.authorize(asked) } as Authorizer,
      ]) {
        const { message } = await judge({ spec: { variables, ...rule(expression) }, authorizer });
        expect(message, expression).to.equal("");
      }
    }
  });

  it("warn or only record where the binding says so", async () => {
    const { message, attributes } = await judge({
      spec: rule("false"),
      binding: { validationActions: ["Warn", "Audit"] },
    });
    expect(message).to.equal("");
    expect(attributes.warnings).to.deep.equal([
      "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': failed expression: false",
    ]);
    const [entry] = JSON.parse(attributes.notes["validation.policy.admission.k8s.io/validation_failure"] ?? "[]");
    expect(entry).to.deep.equal({
      message: "failed expression: false",
      policy: "p",
      binding: "b",
      expressionIndex: 0,
      validationActions: ["Warn", "Audit"],
    });
  });

  it("write audit annotations under their names", async () => {
    const spec = { ...rule("true"), auditAnnotations: [{ key: "k", valueExpression: "'v-' + object.metadata.name" }] };
    expect((await judge({ spec })).attributes.notes).to.deep.equal({ "p/k": "v-web" });
    const none = { ...rule("true"), auditAnnotations: [{ key: "k", valueExpression: "null" }] };
    expect((await judge({ spec: none })).attributes.notes).to.deep.equal({});
    const valueExpression = `'a${"\u00e4".repeat(4_000)}' + '${"\u00e4".repeat(4_000)}'`;
    const long = { ...rule("true"), auditAnnotations: [{ key: "k", valueExpression }] };
    expect((await judge({ spec: long })).attributes.notes).to.deep.equal({ "p/k": `a${"\u00e4".repeat(5_119)}` });
  });

  it("refuse when what they are to record cannot be made, whatever is to be done about violations", async () => {
    const auditAnnotations = [{ key: "k", valueExpression: "string(object.absent)" }];
    const spec = { ...rule("true"), auditAnnotations };
    const binding = { validationActions: ["Audit"] };
    expect((await judge({ spec, binding })).message).to.include("no such key: absent");
    expect((await judge({ spec: { ...spec, failurePolicy: "Ignore" }, binding })).message).to.equal("");
  });

  it("evaluate variables when they are needed", async () => {
    const variables = [
      { name: "broken", expression: "object.absent" },
      { name: "name", expression: "object.metadata.name" },
    ];
    expect((await judge({ spec: { variables, ...rule("variables.name == 'web'") } })).message).to.equal("");
    expect((await judge({ spec: { variables, ...rule("variables.broken == 1") } })).message).to.include(
      'composited variable "broken" fails to evaluate: no such key: absent',
    );
  });

  it("cannot cost without end", async () => {
    const many = `[${Array.from({ length: 100 }, (_, index) => index).join()}]`;
    const loops = `${many}.all(a, ${many}.all(b, ${many}.all(c, c >= 0)))`;
    expect((await judge({ spec: rule(loops) })).message).to.include("operation cancelled: actual cost limit exceeded");
    const costly = { expression: `${many}.all(a, ${many}.all(b, b >= 0))` };
    const { message } = await judge({ spec: { validations: Array.from({ length: 300 }, () => costly) } });
    expect(message).to.include("validation failed due to running out of cost budget");
  });

  it("are evaluated once for each set of parameters", async () => {
    const params = (name: string, allowed: string) => object("ConfigMap", name, { data: { allowed } });
    const objects = () => new FakeObjects().put("configmaps", params("a", "web"), params("b", "api"));
    const spec = {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      ...rule("object.metadata.name == params.data.allowed"),
    };
    const by = async (paramRef: object) => (await judge({ spec, binding: { paramRef }, objects: objects() })).message;
    expect(await by({ name: "a" })).to.equal("");
    expect(await by({ name: "b" })).to.include("denied request");
    expect(await by({ selector: {} })).to.include("denied request");
    expect(await by({ name: "none", parameterNotFoundAction: "Allow" })).to.equal("");
    expect(await by({ name: "none", parameterNotFoundAction: "Deny" })).to.equal(
      denied("failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"),
    );
  });

  it("that cannot be evaluated refuse, or are passed over if they are to be", async () => {
    expect((await judge({ spec: rule("object.spec.none == 1") })).message).to.include(
      "resulted in error: no such key: none",
    );
    expect((await judge({ spec: { failurePolicy: "Ignore", ...rule("object.spec.none == 1") } })).message).to.equal("");
    expect((await judge({ spec: rule("object.(") })).message).to.include(
      "compilation error: compilation failed: ERROR: <input>:1:8: Syntax error",
    );
    expect((await judge({ spec: rule("object.spec") })).message).to.include("compilation error: must evaluate to bool");
  });
});
