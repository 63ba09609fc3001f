import type { admissionregistrationV1 } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { expect } from "chai";
import { FakeObjects } from "../../../auth/testing/fake-objects.ts";
import { object } from "../../testing/write.ts";
import { builtInType } from "./built-in-type.ts";
import { checkPolicy, type KindTypes } from "./check-policy.ts";
import { runTypeChecking } from "./run-type-checking.ts";

type Policy = admissionregistrationV1.ValidatingAdmissionPolicy;

const deployment = {
  kind: { group: "apps", version: "v1", kind: "Deployment" },
  type: builtInType("apps/v1.Deployment"),
};
const types: KindTypes = {
  of: () => [deployment],
  ofKind: ({ kind }) => (kind === "ConfigMap" ? builtInType("core/v1.ConfigMap") : undefined),
};

function policyOf(spec: object): Policy {
  const policy = object<Policy>("ValidatingAdmissionPolicy", "p", { spec: { matchConstraints: {}, ...spec } }, "");
  policy.metadata.generation = 1;
  return policy;
}

describe("type checking of policies", () => {
  it("finds nothing wrong with expressions that fit the kinds they are about", () => {
    const spec = {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      variables: [{ name: "replicas", expression: "object.spec.replicas" }],
      validations: [
        { expression: "variables.replicas <= int(params.data['max'])", messageExpression: "object.metadata.namespace" },
        { expression: "object.spec.template.spec.containers.all(c, c.?image.orValue('') != '')" },
        { expression: "object.metadata.creationTimestamp < timestamp('2100-01-01T00:00:00Z')" },
        { expression: "quantity(object.spec.template.spec.containers[0].resources.limits['cpu']).sign() == 1" },
      ],
    };
    expect(checkPolicy(policyOf(spec), types)).to.deep.equal([]);
  });

  it("tells which kind an expression does not fit, and where", () => {
    const validations = [
      { expression: "object.spec.replicass > 1" },
      { expression: "true", messageExpression: "object.x" },
    ];
    expect(checkPolicy(policyOf({ validations }), types)).to.deep.equal([
      {
        fieldRef: "spec.validations[0].expression",
        warning:
          "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicass'\n | object.spec.replicass > 1\n | ...........^\n",
      },
      {
        fieldRef: "spec.validations[1].messageExpression",
        warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'x'\n | object.x\n | ......^\n",
      },
    ]);
  });

  it("is written to the status of each generation once", async () => {
    const objects = new FakeObjects();
    const name = "validatingadmissionpolicies.admissionregistration.k8s.io";
    objects.put(name, policyOf({ validations: [{ expression: "object.spec.x == 1" }] }));
    const stop = runTypeChecking({ objects, types, logger: silentLogger });
    await Promise.resolve();
    await stop();
    const [resource, ...group] = name.split(".");
    const { status } = await objects.get<Policy>({ group: group.join("."), resource: resource ?? "" }, "", "p");
    expect(status?.observedGeneration).to.equal(1);
    expect(status?.typeChecking?.expressionWarnings).to.have.length(1);
    expect(objects.writes).to.have.length(1);
  });
});
