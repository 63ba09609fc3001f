import { expect } from "chai";
import {
  type ConditionLike,
  getCondition,
  hasCondition,
  isConditionTrue,
  withCondition,
  withoutCondition,
} from "./conditions.ts";
import * as gv from "./group-version.ts";
import { controllerOf, controllerReference, isControlledBy } from "./owners.ts";
import { compareResourceVersions, parseResourceVersion } from "./resource-version.ts";

describe("conditions", () => {
  const ready: ConditionLike = {
    type: "Ready",
    status: "True",
    reason: "Up",
    lastTransitionTime: "2024-01-01T00:00:00Z",
  };
  const object = { status: { conditions: [ready] } };
  const nowMs = Date.UTC(2024, 5, 1);

  it("are found by type", () => {
    expect(getCondition(object, "Ready")).to.equal(ready);
    expect(hasCondition(object, { type: "Ready", status: "True" })).to.equal(true);
    expect(hasCondition(object, { type: "Ready", reason: "Down" })).to.equal(false);
    expect(isConditionTrue({}, "Ready")).to.equal(false);
  });

  it("keep their transition time while the status stays", () => {
    expect(withCondition([ready], { type: "Ready", status: "True", reason: "Still" }, nowMs)).to.deep.equal([
      { ...ready, reason: "Still" },
    ]);
    expect(withCondition([ready], { type: "Ready", status: "False" }, nowMs)).to.deep.equal([
      { type: "Ready", status: "False", lastTransitionTime: "2024-06-01T00:00:00Z" },
    ]);
  });

  it("return the same list when nothing changes", () => {
    const list = [ready];
    expect(withCondition(list, { type: "Ready", status: "True", reason: "Up" }, nowMs)).to.equal(list);
    expect(withoutCondition(list, "Other")).to.equal(list);
    expect(withoutCondition(list, "Ready")).to.deep.equal([]);
  });
});

describe("owners", () => {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "r", uid: "u" } };
  const owned = { metadata: { ownerReferences: [controllerReference(owner)] } };

  it("are recognised by uid", () => {
    expect(controllerOf(owned)?.name).to.equal("r");
    expect(isControlledBy(owned, owner)).to.equal(true);
    expect(isControlledBy(owned, { metadata: { name: "r", uid: "other" } })).to.equal(false);
    expect(isControlledBy({}, { metadata: {} })).to.equal(false);
  });

  it("cannot be referred to before they exist", () => {
    expect(() => controllerReference({ kind: "Pod", metadata: { name: "p" } })).to.throw("cannot refer to an owner");
  });
});

describe("group versions", () => {
  it("are parsed and printed", () => {
    expect(gv.parseGroupVersion("v1")).to.deep.equal({ group: "", version: "v1" });
    expect(gv.parseGroupVersion("apps/v1")).to.deep.equal({ group: "apps", version: "v1" });
    expect(() => gv.parseGroupVersion("a/b/c")).to.throw("unexpected GroupVersion string: a/b/c");
    expect(gv.formatGroupVersion({ group: "apps", version: "v1" })).to.equal("apps/v1");
    expect(gv.formatGroupVersionKind(gv.gvkOf({ apiVersion: "apps/v1", kind: "D" }))).to.equal("apps/v1, Kind=D");
    expect(gv.parseGroupResource("deployments.apps")).to.deep.equal({ group: "apps", resource: "deployments" });
    expect(gv.parseGroupKind("Pod")).to.deep.equal({ group: "", kind: "Pod" });
  });

  it("sort by stability, then by number", () => {
    const versions = ["foo", "v1beta1", "v10", "v1alpha2", "v2", "v1beta2", "bar", "v1"];
    expect(versions.toSorted(gv.compareVersionPriority)).to.deep.equal([
      "v10",
      "v2",
      "v1",
      "v1beta2",
      "v1beta1",
      "v1alpha2",
      "bar",
      "foo",
    ]);
  });
});

describe("resource versions", () => {
  it("compare as numbers of any size", () => {
    expect(compareResourceVersions("9", "10")).to.be.lessThan(0);
    expect(compareResourceVersions("90071992547409930", "90071992547409929")).to.be.greaterThan(0);
    expect(compareResourceVersions("5", "5")).to.equal(0);
    for (const wrong of ["", "0", "01", "x", "-1"]) expect(() => compareResourceVersions(wrong, "1")).to.throw();
  });

  it("are read from requests", () => {
    expect(parseResourceVersion("")).to.equal(0);
    expect(parseResourceVersion("12")).to.equal(12);
    expect(parseResourceVersion("x")).to.equal(undefined);
    expect(parseResourceVersion("99999999999999999999")).to.equal(undefined);
  });
});
