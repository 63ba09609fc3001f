import { expect } from "chai";
import type { ObjectMetaLike } from "../meta/object-meta.ts";
import { fieldErrorMessage } from "./field-error.ts";
import { maxAnnotationsBytes, validateLabelSelector } from "./labels.ts";
import { dns1123SubdomainErrors } from "./names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "./object-meta.ts";
import { Path } from "./path.ts";

const at = Path.of("metadata");
const namespaced = { isNamespaced: true, nameErrors: dns1123SubdomainErrors };
const onCreate = (meta: ObjectMetaLike, isNamespaced = true) =>
  validateObjectMeta(meta, { ...namespaced, isNamespaced }, at).map(fieldErrorMessage);
const onUpdate = (meta: ObjectMetaLike, old: ObjectMetaLike) =>
  validateObjectMetaUpdate(meta, old, at).map(fieldErrorMessage);

const good: ObjectMetaLike = { name: "a", namespace: "default", resourceVersion: "1" };
const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "u", controller: true };

describe("object metadata", () => {
  it("is fine when minimal", () => expect(onCreate(good)).to.deep.equal([]));

  it("needs a name, and a namespace exactly where there are namespaces", () => {
    expect(onCreate({ namespace: "default" })).to.deep.equal([
      "metadata.name: Required value: name or generateName is required",
    ]);
    expect(onCreate({ name: "a" })).to.deep.equal(["metadata.namespace: Required value"]);
    expect(onCreate(good, false)).to.deep.equal(["metadata.namespace: Forbidden: not allowed on this type"]);
  });

  it("reports every bad label and annotation", () => {
    const errors = onCreate({ ...good, labels: { "-x": "ok", ok: "-" }, annotations: { "a b": "" } });
    expect(errors.map((error) => error.split(":")[0])).to.deep.equal([
      "metadata.labels",
      "metadata.labels",
      "metadata.annotations",
    ]);
    expect(onCreate({ ...good, annotations: { UPPER: "case is fine" } })).to.deep.equal([]);
  });

  it("bounds the annotations' size", () => {
    expect(onCreate({ ...good, annotations: { a: "x".repeat(maxAnnotationsBytes) } })).to.deep.equal([
      "metadata.annotations: Too long: may not be more than 262144 bytes",
    ]);
  });

  it("refuses two controllers, nameless owners and events as owners", () => {
    expect(onCreate({ ...good, ownerReferences: [owner, { ...owner, name: "s" }] })[0]).to.match(
      /Only one reference can have Controller set to true. Found "true" in references for ReplicaSet\/r and ReplicaSet\/s$/,
    );
    expect(onCreate({ ...good, ownerReferences: [{ ...owner, uid: "" }] })).to.deep.equal([
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ]);
    expect(onCreate({ ...good, ownerReferences: [{ ...owner, apiVersion: "v1", kind: "Event" }] })[0]).to.match(
      /\/v1, Kind=Event is disallowed from being an owner$/,
    );
  });

  it("refuses orphan and foreground deletion at once", () => {
    expect(onCreate({ ...good, finalizers: ["orphan", "foregroundDeletion"] })).to.deep.equal([
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ]);
  });

  it("keeps identity immutable on update", () => {
    expect(onUpdate({ ...good, uid: "b" }, { ...good, uid: "a" })).to.deep.equal([
      'metadata.uid: Invalid value: "b": field is immutable',
    ]);
    expect(onUpdate({ ...good, resourceVersion: "" }, good)).to.deep.equal([
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    ]);
  });

  it("lets nobody add finalizers to an object being deleted", () => {
    const old = { ...good, deletionTimestamp: "2024-01-01T00:00:00Z", finalizers: ["a.io/x"] };
    expect(onUpdate({ ...old, finalizers: [] }, old)).to.deep.equal([]);
    expect(onUpdate({ ...old, finalizers: ["a.io/x", "b.io/y"] }, old)).to.deep.equal([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"b.io/y"}',
    ]);
  });

  it("checks managers' names and operations", () => {
    expect(onCreate({ ...good, managedFields: [{ manager: "a\nb", operation: "Apply" }] })).to.deep.equal([
      'metadata.managedFields[0].manager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
    ]);
    expect(onCreate({ ...good, managedFields: [{ operation: "Steal" }] })[0]).to.match(/must be `Apply` or `Update`$/);
  });
});

describe("label selectors in specs", () => {
  const errorsOf = (operator: string, values?: string[]) =>
    validateLabelSelector(
      { matchExpressions: [{ key: "a", operator, ...(values && { values }) }] },
      Path.of("spec"),
    ).map(fieldErrorMessage);
  it("need values exactly for In and NotIn", () => {
    expect(errorsOf("In", ["b"])).to.deep.equal([]);
    expect(errorsOf("In")).to.deep.equal([
      "spec.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ]);
    expect(errorsOf("Exists", ["b"])[0]).to.match(/Forbidden: may not be specified when `operator` is 'Exists'/);
    expect(errorsOf("Is")).to.deep.equal([
      'spec.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    ]);
  });
});
