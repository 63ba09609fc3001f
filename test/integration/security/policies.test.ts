import type { ConfigMap } from "@tskube/api";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import { TestCluster } from "./test-cluster.ts";

const group = "admissionregistration.k8s.io";
const apiVersion = `${group}/v1`;

function configMap(name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}

describe("validating admission policies of a running apiserver", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let admin: Client;

  before(async () => {
    cluster = await TestCluster.start();
    admin = await cluster.as("CN=admin, O=system:masters");
  });
  after(() => cluster?.stop());

  async function create(kind: string, resource: string, name: string, spec: object): Promise<void> {
    const objects = admin.resource({ group, version: "v1", resource, kind, namespaced: false });
    await objects.create({ apiVersion, kind, metadata: { name }, spec } as never);
  }

  it("refuse by the parameters that their bindings name", async () => {
    await admin.configmaps("default").create(configMap("limits", { max: "1" }));
    await create("ValidatingAdmissionPolicy", "validatingadmissionpolicies", "few", {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      matchConstraints: {
        resourceRules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
      },
      variables: [{ name: "max", expression: "int(params.data.max)" }],
      validations: [{ expression: "size(object.data) <= variables.max", message: "too much" }],
    });
    await create("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "few", {
      policyName: "few",
      paramRef: { name: "limits", namespace: "default", parameterNotFoundAction: "Deny" },
      validationActions: ["Deny"],
    });
    await admin.configmaps("default").create(configMap("small", { a: "1" }));
    const refusal = await admin
      .configmaps("default")
      .create(configMap("large", { a: "1", b: "2" }))
      .catch((error: Error) => error);
    expect(refusal).to.include({
      message: `configmaps "large" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few' denied request: too much`,
      code: 422,
    });
  });
});
