import { type Deployment, type EndpointSlice, setDefaults } from "@tskube/api";
import { type FieldError, field } from "@tskube/apimachinery";
import { expect } from "chai";
import { validateRoleBinding, validateRoleRefUpdate } from "./access/validate.ts";
import { validateDeployment, validateDeploymentUpdate } from "./apps/validate-deployment.ts";
import { specialAddressErrors } from "./core/service/special-addresses.ts";
import { validateEndpointSlice } from "./networking/validate-slice.ts";

const texts = (errors: readonly FieldError[]) => errors.map(field.fieldErrorMessage);

function aDeployment(spec: object = {}): Deployment {
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec: {
      selector: { matchLabels: { app: "a" } },
      template: { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      ...spec,
    },
  } as Deployment;
  setDefaults({ group: "apps", version: "v1", kind: "Deployment" }, deployment);
  return deployment;
}

describe("validateDeployment", () => {
  it("finds nothing wrong with a plain one", () => expect(texts(validateDeployment(aDeployment()))).to.deep.equal([]));

  it("wants the selector to match the template", () => {
    const errors = texts(validateDeployment(aDeployment({ selector: { matchLabels: { app: "b" } } })));
    expect(errors).to.deep.equal([
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ]);
  });

  it("refuses a rollout that cannot move", () => {
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } };
    expect(texts(validateDeployment(aDeployment({ strategy })))).to.deep.equal([
      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
    ]);
  });

  it("refuses negative replicas, naming the field of the template, too", () => {
    const bad = aDeployment({ replicas: -1 });
    bad.spec?.template.spec?.containers.push({ name: "c", image: "" });
    const errors = texts(validateDeployment(bad));
    expect(errors).to.include("spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    expect(errors).to.include("spec.template.spec.containers[1].image: Required value");
  });

  it("keeps the selector", () => {
    const changed = aDeployment({
      selector: { matchLabels: { app: "a" }, matchExpressions: [{ key: "app", operator: "Exists" }] },
    });
    const [error] = texts(validateDeploymentUpdate(changed, aDeployment()));
    expect(error).to.match(/^spec\.selector: Invalid value: .*: field is immutable$/);
  });
});

describe("validateRoleBinding", () => {
  const binding = (kind: string, subject: object) => ({
    apiVersion: "rbac.authorization.k8s.io/v1" as const,
    kind: "RoleBinding" as const,
    metadata: { name: "b" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: "r" },
    subjects: [{ kind: "User", name: "u", apiGroup: "rbac.authorization.k8s.io", ...subject }],
  });

  it("knows roles and subjects", () => {
    expect(texts(validateRoleBinding(binding("Role", {})))).to.deep.equal([]);
    expect(texts(validateRoleBinding(binding("Pod", { kind: "Robot" })))).to.deep.equal([
      'roleRef.kind: Unsupported value: "Pod": supported values: "ClusterRole", "Role"',
      'subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
    ]);
  });

  it("never grants something else", () => {
    const [error] = texts(validateRoleRefUpdate(binding("ClusterRole", {}), binding("Role", {})));
    expect(error).to.match(/^roleRef: Invalid value: .*: cannot change roleRef$/);
  });
});

describe("validateEndpointSlice", () => {
  it("checks addresses by their type, and ports", () => {
    const slice: EndpointSlice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "s" },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.0.0.1"] }, { addresses: ["x"] }, { addresses: [] }],
      ports: [
        { name: "a", port: 80, protocol: "TCP" },
        { name: "a", port: 80, protocol: "TCP" },
      ],
    };
    const fields = validateEndpointSlice(slice, specialAddressErrors).map((error) => error.field);
    expect([...new Set(fields)]).to.deep.equal([
      "endpoints[1].addresses[0]",
      "endpoints[2].addresses",
      "ports[1].name",
    ]);
  });
});
