import { expect } from "chai";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";
import { establish, until } from "../crd/establish.ts";
import { registration, ruleFor } from "./configure.ts";

const group = "policies.example.com";
const configMaps = "/api/v1/namespaces/default/configmaps";
const limits = `/apis/${group}/v1/namespaces/default/limits`;

const definition = {
  metadata: { name: `limits.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "limits", kind: "Limit" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { keys: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};

describe("admission policies", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
    await establish(api, definition);
  });
  after(() => api.close());

  async function write(name: string, spec: object, binding: object = {}): Promise<void> {
    const kinds = {
      validatingadmissionpolicies: spec,
      validatingadmissionpolicybindings: { policyName: name, ...binding },
    };
    for (const [resource, content] of Object.entries(kinds)) {
      const made = await api.send("POST", `${registration}/${resource}`, { metadata: { name }, spec: content });
      expect(made.status, made.bytes.toString()).to.equal(201);
    }
  }
  const about = (...resources: readonly string[]) => ({
    resourceRules: resources.map((resource) => ruleFor(resource, "CREATE", "UPDATE", "DELETE")),
  });
  const configMap = (name: string, data: object) => ({ metadata: { name, labels: { team: "a" } }, data });

  it("take parameters from custom resources of the write's namespace", async () => {
    const spec = {
      paramKind: { apiVersion: `${group}/v1`, kind: "Limit" },
      matchConstraints: { ...about("configmaps"), objectSelector: { matchLabels: { team: "a" } } },
      validations: [
        {
          expression: "object.data.size() <= params.spec.keys",
          messageExpression: "'at most ' + string(params.spec.keys)",
          reason: "Forbidden",
        },
      ],
    };
    const paramRef = { name: "strict", parameterNotFoundAction: "Deny" };
    await write("limited", spec, { paramRef, validationActions: ["Deny"] });
    const missing = await api.send("POST", configMaps, configMap("one", { a: "1" }));
    expect(at(missing.json, "message")).to.contain(
      "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
    );
    await api.send("POST", limits, { metadata: { name: "strict" }, spec: { keys: 1 } });
    const allowed = await until(
      () => api.send("POST", configMaps, configMap("one", { a: "1" })),
      ({ status }) => status === 201,
    );
    expect(at(allowed.json, "data")).to.deep.equal({ a: "1" });
    const denied = await api.send("POST", configMaps, configMap("two", { a: "1", b: "2" }));
    expect(denied.json).to.deep.include({ code: 403, reason: "Forbidden" });
    expect(at(denied.json, "message")).to.contain("denied request: at most 1");
    await api.send("DELETE", `${registration}/validatingadmissionpolicybindings/limited`);
  });

  it("are about custom resources, too, and are checked against their schemas", async () => {
    const validations = [{ expression: "object.spec.keys < 10" }, { expression: "object.spec.kyes < 10" }];
    await write("typed", { matchConstraints: about(`limits.${group}`), validations }, { validationActions: ["Deny"] });
    const path = `${registration}/validatingadmissionpolicies/typed`;
    const { json } = await until(
      () => api.send("GET", path),
      (answer) => at(answer.json, "status", "typeChecking") !== undefined,
    );
    expect(at(json, "status", "typeChecking", "expressionWarnings")).to.deep.equal([
      {
        fieldRef: "spec.validations[1].expression",
        warning: `${group}/v1, Kind=Limit: ERROR: <input>:1:12: undefined field 'kyes'\n | object.spec.kyes < 10\n | ...........^\n`,
      },
    ]);
    const denied = await api.send("POST", limits, { metadata: { name: "big" }, spec: { keys: 11 } });
    expect(at(denied.json, "message")).to.contain("denied request: failed expression: object.spec.keys < 10");
    await api.send("DELETE", `${registration}/validatingadmissionpolicybindings/typed`);
  });

  it("warn, and judge deletions by what is deleted", async () => {
    const validations = [
      { expression: "oldObject == null || oldObject.data.?keep != optional.of('yes')", message: "kept" },
    ];
    await write(
      "warning",
      { matchConstraints: about("configmaps"), validations },
      { validationActions: ["Warn", "Audit"] },
    );
    await api.send("POST", configMaps, configMap("kept", { keep: "yes" }));
    const gone = await api.send("DELETE", `${configMaps}/kept`);
    expect(gone.status).to.equal(200);
    expect(gone.headers["warning"]).to.equal(
      "299 - \"Validation failed for ValidatingAdmissionPolicy 'warning' with binding 'warning': kept\"",
    );
  });
});
