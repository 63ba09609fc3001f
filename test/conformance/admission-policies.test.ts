import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@tskube/store";
import { expect } from "chai";
import { mergePatch, registration } from "../integration/admission/configure.ts";
import { at, type Json, openServerOver, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { until } from "../integration/crd/establish.ts";
import { checkOperations, nextIs, succeed } from "./check-operations.ts";
import { type Api, withNamespaces } from "./open-api.ts";

const beta = "admissionregistration.k8s.io/v1beta1";
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`;

function deployment(name: string, replicas: number) {
  const labels = { app: name };
  const containers = [{ name: "c", image: "i" }];
  return {
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** About deployments of namespaces with a label of their own. */
function constraints(namespace: string, ...operations: readonly string[]) {
  const resourceRules = [{ operations, apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }];
  return { resourceRules, namespaceSelector: { matchLabels: { [namespace]: "true" } } };
}

describe("conformance: admission policies", function () {
  this.timeout(20_000);
  let directory: string;
  let store: Store;
  let api: Api;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "tskube-policies-"));
    store = await openEmbeddedStore({ directory, isDurable: false });
    // Mutating policies are in beta, which operators switch on.
    api = withNamespaces(await openServerOver(store, { runtimeConfig: [`${beta}=true`] }));
  });
  after(async () => {
    await api?.close();
    await store?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function place(name: string): Promise<string> {
    await api.namespace(name);
    const labels = { [name]: "true" };
    await succeed(api, 200, "PATCH", `/api/v1/namespaces/${name}`, { metadata: { labels } }, mergePatch);
    return deployments(name);
  }

  async function write(root: string, kind: "validating" | "mutating", name: string, spec: object): Promise<void> {
    await succeed(api, 201, "POST", `${root}/${kind}admissionpolicies`, { metadata: { name }, spec });
    const binding = { policyName: name, ...(kind === "validating" && { validationActions: ["Deny"] }) };
    await succeed(api, 201, "POST", `${root}/${kind}admissionpolicybindings`, { metadata: { name }, spec: binding });
  }

  /** The policy as its type check left it. */
  const checked = async (name: string): Promise<Json> => {
    const path = `${registration}/validatingadmissionpolicies/${name}`;
    const answer = await until(
      () => api.send("GET", path),
      ({ json }) => at(json, "status", "typeChecking") !== undefined,
    );
    return answer.json;
  };

  it("[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a Deployment [Conformance]", async () => {
    const path = await place("e2e-policy");
    await write(registration, "validating", "e2e-policy.example.com", {
      matchConstraints: constraints("e2e-policy", "CREATE", "UPDATE"),
      validations: [
        {
          expression: "object.spec.replicas > 1",
          messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)",
        },
        {
          expression: "namespaceObject.metadata.name == 'e2e-policy'",
          message: "Internal error! Other namespace should not be allowed.",
        },
      ],
    });
    const policy = await checked("e2e-policy.example.com");
    expect(at(policy, "status", "observedGeneration")).to.equal(1);
    expect(at(policy, "status", "typeChecking", "expressionWarnings")).to.equal(undefined);
    await succeed(api, 201, "POST", path, deployment("replicated", 2));
    const denied = await api.send("POST", path, deployment("single", 1));
    expect(denied.json).to.deep.include({ code: 422, reason: "Invalid" });
    expect(at(denied.json, "message")).to.equal(
      "deployments.apps \"single\" is forbidden: ValidatingAdmissionPolicy 'e2e-policy.example.com' with binding 'e2e-policy.example.com' denied request: wants replicas > 1, got 1",
    );
  });

  it("[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]", async () => {
    const path = await place("e2e-variables");
    await write(registration, "validating", "e2e-variables.example.com", {
      matchConstraints: constraints("e2e-variables", "CREATE", "UPDATE"),
      variables: [
        { name: "replicas", expression: "object.spec.replicas" },
        { name: "oddReplicas", expression: "variables.replicas % 2 == 1" },
      ],
      validations: [
        { expression: "variables.replicas > 1" },
        { expression: "variables.oddReplicas", message: "number of replicas must be odd" },
      ],
    });
    const answers = await Promise.all(
      [1, 2, 3].map((count) => api.send("POST", path, deployment(`of-${count}`, count))),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([422, 422, 201]);
    expect(at(answers[1]?.json, "message")).to.contain("number of replicas must be odd");
  });

  const operations = (kind: string) =>
    `[sig-api-machinery] ${kind.replace("Binding", "")} [Privileged:ClusterAdmin] should support ${kind} API operations [Conformance]`;
  const policies = `${registration}/validatingadmissionpolicies`;
  const label = "e2e=policies";

  it(operations("ValidatingAdmissionPolicy"), async () => {
    const spec = {
      matchConstraints: constraints("nowhere", "CREATE"),
      validations: [{ expression: "object.spec.replicas > 1" }],
    };
    const policy = (index: number) => ({ metadata: { name: `e2e-${index}`, labels: { e2e: "policies" } }, spec });
    const list = () => succeed(api, 200, "GET", `${policies}?labelSelector=${label}`);
    const since = at(await list(), "metadata", "resourceVersion");
    const watched = `${policies}?watch=true&labelSelector=${label}&resourceVersion=${since}`;
    const events = watchEvents(api.transport, watched, AbortSignal.timeout(10_000));
    for (const index of [0, 1, 2]) {
      await succeed(api, 201, "POST", policies, policy(index));
      // The type check writes its status, which watchers see.
      await checked(`e2e-${index}`);
      await nextIs(events, "ADDED", `e2e-${index}`);
      expect(at(await nextIs(events, "MODIFIED", `e2e-${index}`), "status", "observedGeneration")).to.equal(1);
    }
    expect(at(await list(), "items")).to.have.length(3);
    const own = `${policies}/e2e-0`;
    await succeed(api, 200, "PATCH", own, { metadata: { annotations: { patched: "true" } } }, mergePatch);
    expect(at(await nextIs(events, "MODIFIED", "e2e-0"), "metadata", "annotations", "patched")).to.equal("true");
    const present = await succeed(api, 200, "GET", own);
    const annotations = { patched: "true", updated: "true" };
    const metadata = { ...(at(present, "metadata") as object), annotations };
    await succeed(api, 200, "PUT", own, { ...present, metadata });
    expect(at(await nextIs(events, "MODIFIED", "e2e-0"), "metadata", "annotations")).to.deep.equal(annotations);
    await changeStatus(`${own}/status`);
    await succeed(api, 200, "DELETE", own);
    expect((await api.send("GET", own)).status).to.equal(404);
    await succeed(api, 200, "DELETE", `${policies}?labelSelector=${label}`);
    expect(at(await list(), "items")).to.have.length(0);
    await events.return(undefined);
  });

  async function changeStatus(path: string): Promise<void> {
    const read = await succeed(api, 200, "GET", path);
    const condition = {
      type: "Checked",
      status: "True",
      reason: "E2E",
      message: "by a test",
      lastTransitionTime: "2025-01-01T00:00:00Z",
    };
    const status = { ...(at(read, "status") as object), conditions: [condition] };
    const updated = await succeed(api, 200, "PUT", path, { ...read, status });
    expect(at(updated, "status", "conditions", 0, "reason")).to.equal("E2E");
    const patch = { status: { conditions: [{ ...condition, reason: "Patched" }] } };
    const patchedPolicy = await succeed(api, 200, "PATCH", path, patch, mergePatch);
    expect(at(patchedPolicy, "status", "conditions", 0, "reason")).to.equal("Patched");
  }

  const root = `/apis/${beta}`;
  const applying = (expression: string) => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } });

  it("[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment [Conformance]", async () => {
    const path = await place("e2e-mutation");
    await write(root, "mutating", "e2e-mutation.example.com", {
      matchConstraints: constraints("e2e-mutation", "CREATE"),
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      mutations: [applying("Object{spec: Object.spec{replicas: object.spec.replicas + 100}}")],
    });
    const made = await succeed(api, 201, "POST", path, deployment("mutated", 1));
    expect(at(made, "spec", "replicas")).to.equal(101);
  });

  it("[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations [Conformance]", async () => {
    const path = await place("e2e-annotations");
    const key = "jsonpatch.escapeKey('example.com/my-annotation')";
    await write(root, "mutating", "e2e-annotations.example.com", {
      matchConstraints: constraints("e2e-annotations", "CREATE"),
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      mutations: [
        applying("Object{metadata: Object.metadata{annotations: {'first': 'applied'}}}"),
        {
          patchType: "JSONPatch",
          jsonPatch: {
            expression: `[JSONPatch{op: "add", path: "/metadata/annotations/" + ${key}, value: "patched"}]`,
          },
        },
      ],
    });
    const made = await succeed(api, 201, "POST", path, deployment("annotated", 1));
    expect(at(made, "metadata", "annotations")).to.deep.equal({
      first: "applied",
      "example.com/my-annotation": "patched",
    });
  });

  it(operations("MutatingAdmissionPolicy"), async () => {
    await checkOperations(api, {
      apiVersion: beta,
      kind: "MutatingAdmissionPolicy",
      resource: "mutatingadmissionpolicies",
      body: {
        spec: {
          matchConstraints: constraints("nowhere", "CREATE"),
          reinvocationPolicy: "Never",
          mutations: [applying("Object{metadata: Object.metadata{labels: {'a': 'b'}}}")],
        },
      },
    });
  });

  it(operations("MutatingAdmissionPolicyBinding"), async () => {
    await checkOperations(api, {
      apiVersion: beta,
      kind: "MutatingAdmissionPolicyBinding",
      resource: "mutatingadmissionpolicybindings",
      body: { spec: { policyName: "nothing" } },
    });
  });
});
