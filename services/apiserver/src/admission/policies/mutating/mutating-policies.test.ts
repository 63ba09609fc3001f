import type { KubeObject, Pod } from "@tskube/api";
import type { StatusError } from "@tskube/apimachinery";
import { createMetrics } from "@tskube/base";
import { expect } from "chai";
import { FakeObjects } from "../../../auth/testing/fake-objects.ts";
import { builtInFieldManagement } from "../../../registry/field-management.ts";
import type { AdmissionAttributes } from "../../plugin.ts";
import type { FindVersions } from "../../served-version.ts";
import { depsWith, object, podOf, write } from "../../testing/write.ts";
import { createPolicyMetrics } from "../policy-metrics.ts";
import { mutatingPolicies } from "./mutating-policies.ts";

const group = "admissionregistration.k8s.io";
const matchConstraints = {
  resourceRules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
};
const same = (one: KubeObject) => one;
const findVersions: FindVersions = () => [
  {
    group: "",
    version: "v1",
    resource: "pods",
    kind: "Pod",
    show: same,
    restore: same,
    read: (value) => value as KubeObject,
  },
];
const fields = builtInFieldManagement("core/v1.Pod", true);
const merging = { manager: "m", subresource: "", apiVersion: "v1", nowMs: 0, isForced: true };

const applying = (expression: string) => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } });
const patching = (expression: string) => ({ patchType: "JSONPatch", jsonPatch: { expression } });

function pluginWith(...policies: readonly object[]) {
  const objects = new FakeObjects().put("namespaces", object("Namespace", "dev", {}, ""));
  for (const [index, spec] of policies.entries()) {
    const name = `p${index}`;
    objects.put(
      `mutatingadmissionpolicies.${group}`,
      object("MutatingAdmissionPolicy", name, { spec: { matchConstraints, ...spec } }, ""),
    );
    objects.put(
      `mutatingadmissionpolicybindings.${group}`,
      object("MutatingAdmissionPolicyBinding", name, { spec: { policyName: name } }, ""),
    );
  }
  return mutatingPolicies({
    ...depsWith(objects),
    findVersions,
    findParamResource: () => undefined,
    metrics: createPolicyMetrics("mutating", createMetrics({ processFigures: false })),
    mergeApplied: (_write, live, applied) => {
      const { managedFields: _, ...metadata } = fields.apply(applied, live, merging).metadata;
      return { ...fields.apply(applied, live, merging), metadata };
    },
  });
}

const { signal } = new AbortController();

async function mutated(spec: object, attributes: AdmissionAttributes = write("pods", podOf())): Promise<Pod> {
  await pluginWith(spec).admit?.(attributes, signal);
  return attributes.object as Pod;
}

async function refusal(spec: object): Promise<string> {
  return mutated(spec).then(
    () => "",
    (error: Error) => error.message,
  );
}

describe("mutating admission policies", () => {
  it("merge what their expressions make, as server-side apply would", async () => {
    const spec = {
      variables: [{ name: "app", expression: "object.metadata.name + '-app'" }],
      mutations: [
        applying(
          "Object{metadata: Object.metadata{labels: {'app': variables.app}}, spec: Object.spec{containers: [Object.spec.containers{name: 'side', image: 's'}]}}",
        ),
      ],
    };
    const pod = await mutated(spec);
    expect(pod.metadata).to.deep.equal({ name: "web", namespace: "dev", labels: { app: "web-app" } });
    expect(pod.spec?.containers?.map(({ name }) => name)).to.have.members(["c", "side"]);
  });

  it("patch with operations that expressions make", async () => {
    const expression = `has(object.metadata.labels) ? [] :
      [JSONPatch{op: 'add', path: '/metadata/labels', value: {}}] +
      [JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/a'), value: 'x'}]`;
    const pod = await mutated({ mutations: [patching(expression)] });
    expect(pod.metadata.labels).to.deep.equal({ "example.com/a": "x" });
  });

  it("see what mutations before them have made", async () => {
    const spec = {
      mutations: [
        applying("Object{metadata: Object.metadata{labels: {'a': '1'}}}"),
        applying("Object{metadata: Object.metadata{labels: {'b': object.metadata.labels.a}}}"),
      ],
    };
    expect((await mutated(spec)).metadata.labels).to.deep.equal({ a: "1", b: "1" });
  });

  it("leave alone what their conditions exclude", async () => {
    const spec = {
      matchConditions: [{ name: "c", expression: "object.metadata.name != 'web'" }],
      mutations: [applying("Object{metadata: Object.metadata{labels: {'a': '1'}}}")],
    };
    expect((await mutated(spec)).metadata.labels).to.equal(undefined);
  });

  it("refuse what they cannot change, unless failures are to be ignored", async () => {
    const misplaced = { mutations: [applying("Object{metadata: Object.spec{}}")] };
    const wording =
      'unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type';
    expect(await refusal(misplaced)).to.equal(`policy 'p0' with binding 'p0' denied request: ${wording}`);
    expect(await refusal({ ...misplaced, failurePolicy: "Ignore" })).to.equal("");
    expect(await refusal({ mutations: [applying("{'a': 1}")] })).to.include("must evaluate to Object");
    expect(await refusal({ mutations: [patching("Object{}")] })).to.include("must evaluate to list(JSONPatch)");
    expect(await refusal({ mutations: [patching("[JSONPatch{op: 'add', to: ''}]")] })).to.include(
      "undefined field 'to'",
    );
  });

  it("say all that failed, and go on with the others", async () => {
    const failing = (name: string) => [{ name, expression: `object.metadata.labels.${name} == ''` }];
    const plugin = pluginWith(
      { matchConditions: failing("one"), mutations: [applying("Object{}")] },
      { mutations: [applying("Object{metadata: Object.metadata{labels: {'a': '1'}}}")] },
      { matchConditions: failing("two"), mutations: [applying("Object{}")] },
    );
    const attributes = write("pods", podOf());
    const status = await Promise.resolve(plugin.admit?.(attributes, signal)).then(
      () => undefined,
      (error: StatusError) => error.status,
    );
    expect(status).to.deep.include({ code: 403, reason: "Invalid" });
    expect(status?.details?.causes?.map(({ message }) => message?.split(" denied ")[0])).to.deep.equal([
      "policy 'p0' with binding 'p0'",
      "policy 'p2' with binding 'p2'",
    ]);
    expect(status?.message).to.equal(status?.details?.causes?.[0]?.message);
    expect(attributes.object?.metadata.labels).to.deep.equal({ a: "1" });
  });

  it("concern the object as it came", async () => {
    const labelled = applying("Object{metadata: Object.metadata{labels: {'a': '1'}}}");
    const objectSelector = { matchLabels: { a: "1" } };
    const late = { matchConstraints: { ...matchConstraints, objectSelector }, mutations: [labelled] };
    const plugin = pluginWith({ mutations: [labelled] }, { ...late, mutations: [applying("Object{metadata: {}}")] });
    const attributes = write("pods", podOf());
    await plugin.admit?.(attributes, signal);
    expect(attributes.object?.metadata.labels).to.deep.equal({ a: "1" });
  });

  it("look again when others changed the object after them, if they want to", async () => {
    const count = (name: string) =>
      `Object{metadata: Object.metadata{annotations: {'${name}': string(int(object.metadata.?annotations[?'${name}'].orValue('0')) + 1)}}}`;
    const plugin = pluginWith(
      { reinvocationPolicy: "IfNeeded", mutations: [applying(count("a"))] },
      { reinvocationPolicy: "Never", mutations: [applying(count("b"))] },
    );
    const attributes = write("pods", podOf());
    await plugin.admit?.(attributes, signal);
    expect(plugin.wantsReinvocation?.(attributes)).to.equal(true);
    await plugin.admit?.(attributes, signal);
    expect(attributes.object?.metadata.annotations).to.deep.equal({ a: "2", b: "1" });
  });
});
