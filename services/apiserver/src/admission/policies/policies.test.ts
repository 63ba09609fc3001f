import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { validatingPolicies } from "./validating-policies.ts";

const group = "admissionregistration.k8s.io";
const matchConstraints = {
  resourceRules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
};

interface Case {
  readonly spec: object;
  readonly binding?: object;
  readonly objects?: FakeObjects;
  readonly isAllowed?: (name: string) => boolean;
}

async function judge({ spec, binding = {}, objects = new FakeObjects(), isAllowed }: Case) {
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
    ...depsWith(objects, isAllowed),
    findVersions: () => [],
    findParamResource: ({ kind }) => (kind === "ConfigMap" ? { reader, isNamespaced: true } : undefined),
  });
  const attributes = write("pods", podOf());
  return { message: await admit(plugin, attributes), attributes };
}

const rule = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });
const denied = (message: string) =>
  `pods "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;

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
      const { message } = await judge({ spec: { variables, ...rule(expression) }, isAllowed: (name) => name === "x" });
      expect(message, expression).to.equal("");
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
    expect(attributes.notes["validation.policy.admission.k8s.io/validation_failure"]).to.include('"binding":"b"');
  });

  it("write audit annotations under their names", async () => {
    const spec = { ...rule("true"), auditAnnotations: [{ key: "k", valueExpression: "'v-' + object.metadata.name" }] };
    expect((await judge({ spec })).attributes.notes).to.deep.equal({ "p/k": "v-web" });
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
      denied("no params found for policy binding with `Deny` parameterNotFoundAction"),
    );
  });

  it("that cannot be evaluated refuse, or are passed over if they are to be", async () => {
    expect((await judge({ spec: rule("object.spec.none == 1") })).message).to.include(
      "resulted in error: no such key: none",
    );
    expect((await judge({ spec: { failurePolicy: "Ignore", ...rule("object.spec.none == 1") } })).message).to.equal("");
    expect((await judge({ spec: rule("object.(") })).message).to.include("compilation failed");
  });
});
