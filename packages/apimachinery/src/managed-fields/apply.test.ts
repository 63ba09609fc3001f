import { expect } from "chai";
import type { ManagedFieldsEntry, ObjectLike } from "../meta/object-meta.ts";
import type { StatusError } from "../status/index.ts";
import { smallSchema } from "../testing/index.ts";
import { deepClone, deepFreeze } from "../values/deep.ts";
import { applyObject } from "./apply.ts";
import { setOfPaths } from "./field-set.ts";
import { lastAppliedAnnotation } from "./last-applied.ts";
import { updateManagedFields } from "./update.ts";

interface Thing extends ObjectLike {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

const scope = { schema: smallSchema, typeName: "Thing", apiVersion: "x.io/v1" };

const thing = (spec: Record<string, unknown>, metadata = {}): Thing => ({
  apiVersion: "x.io/v1",
  kind: "Thing",
  metadata: { name: "t", namespace: "default", ...metadata },
  spec,
});

/** What the store would hand back: with a uid, and frozen as cached objects are. */
function stored(object: Thing): Thing {
  return deepFreeze(deepClone({ ...object, metadata: { ...object.metadata, uid: "u" } }));
}

function apply(live: Thing | undefined, applied: Thing, manager = "one", force = false, nowMs = 0): Thing {
  return stored(applyObject<Thing>(scope, live, deepFreeze(applied), { manager, force, nowMs }));
}

function update(old: Thing | undefined, next: Thing, manager: string, nowMs = 0, subresource = ""): Thing {
  const managedFields = updateManagedFields({ ...scope, subresource }, old, next, { manager, nowMs });
  return stored({ ...next, metadata: { ...next.metadata, ...(managedFields && { managedFields }) } });
}

const entriesOf = (object: Thing) => object.metadata?.managedFields ?? [];
const entryOf = (object: Thing, manager: string) => entriesOf(object).find((entry) => entry.manager === manager);
const fieldsOf = (object: Thing, manager: string) => entryOf(object, manager)?.fieldsV1;

function failure(act: () => unknown): StatusError {
  try {
    act();
  } catch (error) {
    return error as StatusError;
  }
  throw new Error("nothing was thrown");
}

describe("server-side apply", () => {
  it("creates an object and books its fields, but not its identity", () => {
    const created = apply(undefined, thing({ replicas: 1 }, { labels: { a: "b" } }));
    expect(created.spec).to.deep.equal({ replicas: 1 });
    expect(entriesOf(created)).to.deep.equal([
      {
        manager: "one",
        operation: "Apply",
        apiVersion: "x.io/v1",
        time: "1970-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:metadata": { "f:labels": { "f:a": {} } }, "f:spec": { "f:replicas": {} } },
      },
    ]);
  });

  it("removes what it applied before and applies no more", () => {
    const live = apply(undefined, thing({ replicas: 1, containers: [{ name: "a" }, { name: "b" }] }));
    const next = apply(live, thing({ containers: [{ name: "b" }] }));
    expect(next.spec).to.deep.equal({ containers: [{ name: "b" }] });
  });

  it("leaves what others own when it stops applying it", () => {
    const live = apply(apply(undefined, thing({ replicas: 1, node: "n" })), thing({ replicas: 1 }), "two");
    expect(apply(live, thing({ node: "n" })).spec).to.deep.equal({ replicas: 1, node: "n" });
  });

  it("leaves fields that an updater put into an applied item", () => {
    const live = apply(undefined, thing({ containers: [{ name: "a" }] }));
    const changed = update(live, { ...live, spec: { containers: [{ name: "a", image: "i" }] } }, "updater");
    expect(apply(changed, thing({ containers: [{ name: "a" }] })).spec).to.deep.equal({
      containers: [{ name: "a", image: "i" }],
    });
  });

  it("shares a field with another applier of the same value", () => {
    const live = apply(apply(undefined, thing({ replicas: 1 })), thing({ replicas: 1 }), "two");
    expect(fieldsOf(live, "one")).to.deep.equal(fieldsOf(live, "two"));
  });

  it("fails with one conflict in upstream's words", () => {
    const live = update(undefined, stored(thing({ replicas: 1 })), "kubectl-client-side-apply");
    const error = failure(() => apply(live, thing({ replicas: 2 })));
    expect(error.message).to.equal(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using x.io/v1: .spec.replicas',
    );
    expect([error.code, error.reason, error.status.details]).to.deep.equal([
      409,
      "Conflict",
      {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "kubectl-client-side-apply" using x.io/v1',
            field: ".spec.replicas",
          },
        ],
      },
    ]);
  });

  it("lists several conflicts by manager", () => {
    const one = apply(undefined, thing({ replicas: 1, node: "a" }), "one");
    const live = update(one, { ...one, spec: { ...one.spec, paused: true } }, "two", 0, "scale");
    expect(failure(() => apply(live, thing({ replicas: 2, node: "b", paused: false }), "three")).message).to.equal(
      'Apply failed with 3 conflicts: conflicts with "one":\n- .spec.node\n- .spec.replicas\nconflicts with "two" with subresource "scale" using x.io/v1:\n- .spec.paused',
    );
  });

  it("takes fields by force", () => {
    const live = apply(apply(undefined, thing({ replicas: 1, node: "n" })), thing({ replicas: 2 }), "two", true);
    expect(live.spec).to.deep.equal({ replicas: 2, node: "n" });
    expect(fieldsOf(live, "one")).to.deep.equal({ "f:spec": { "f:node": {} } });
  });

  it("writes nothing new when repeated", () => {
    const live = apply(undefined, thing({ replicas: 1, containers: [{ name: "a", ports: [{ port: 1 }] }] }));
    const again = apply(
      live,
      thing({ replicas: 1, containers: [{ name: "a", ports: [{ port: 1 }] }] }),
      "one",
      false,
      9e6,
    );
    expect(again).to.deep.equal(live);
  });

  it("takes the null timestamp that Go tools write for nothing", () => {
    const live = apply(undefined, thing({ replicas: 1 }, { creationTimestamp: "2024-01-01T00:00:00Z" }));
    expect(apply(live, thing({ replicas: 1 }, { creationTimestamp: null }), "one", false, 9e6)).to.deep.equal(live);
  });

  it("moves its time when the object changes", () => {
    const live = apply(undefined, thing({ replicas: 1 }));
    expect(entryOf(apply(live, thing({ replicas: 2 }), "one", false, 5000), "one")?.time).to.equal(
      "1970-01-01T00:00:05Z",
    );
  });

  it("is one manager in all versions", () => {
    const old: ManagedFieldsEntry = {
      manager: "one",
      operation: "Apply",
      apiVersion: "x.io/v1beta1",
      fieldsV1: { "f:spec": { "f:node": {} } },
    };
    const live = stored(thing({ node: "n" }, { managedFields: [old] }));
    const next = apply(live, thing({ replicas: 1 }));
    expect(next.spec).to.deep.equal({ replicas: 1 });
    expect(entriesOf(next).map((entry) => entry.apiVersion)).to.deep.equal(["x.io/v1"]);
  });

  it("finds an owner for what was there before", () => {
    const live = stored(thing({ replicas: 1, node: "n" }));
    expect(failure(() => apply(live, thing({ replicas: 2 }))).message).to.match(
      /conflict with "before-first-apply" using/,
    );
    expect(fieldsOf(apply(live, thing({ replicas: 1 })), "before-first-apply")).to.deep.equal({
      "f:spec": { "f:node": {}, "f:replicas": {} },
    });
  });

  it("refuses another version, managedFields and fields no schema knows", () => {
    expect(failure(() => apply(undefined, { ...thing({}), apiVersion: "x.io/v2" })).message).to.equal(
      "Incorrect version specified in apply patch. Specified patch version: x.io/v2, expected: x.io/v1",
    );
    expect(failure(() => apply(undefined, thing({}, { managedFields: [] }))).message).to.equal(
      "metadata.managedFields must be nil",
    );
    expect(failure(() => apply(undefined, thing({ nonsense: 1 }))).message).to.equal(
      "failed to create typed patch object (default/t; x.io/v1, Kind=Thing): .spec.nonsense: field not declared in schema",
    );
    expect(failure(() => apply(undefined, thing({ containers: [{ name: "a" }, { name: "a" }] }))).message).to.match(
      /\.spec\.containers: duplicate entries for key \[name="a"\]$/,
    );
    expect(failure(() => apply(undefined, thing({ containers: [{ image: "x" }] }))).message).to.match(
      /\.spec\.containers: element 0: associative list with keys has an element that omits all key fields \["name"\]/,
    );
  });

  it("removes a field by null", () => {
    const live = apply(undefined, thing({ replicas: 1, node: "n" }));
    expect(apply(live, thing({ replicas: null, node: "n" })).spec).to.deep.equal({ node: "n" });
  });

  it("does not own what its endpoint resets", () => {
    const resetFields = setOfPaths(["f:status"]);
    const applied = { ...thing({ replicas: 1 }), status: { phase: "x" } };
    const created = applyObject<Thing>({ ...scope, resetFields }, undefined, applied, {
      manager: "one",
      force: false,
      nowMs: 0,
    });
    expect(fieldsOf(created, "one")).to.deep.equal({ "f:spec": { "f:replicas": {} } });
  });

  it("removes what it applied in another version, in that version's words", () => {
    // x.io/v1beta1 calls `node` what x.io/v1 calls `args`.
    const rename = (object: unknown, apiVersion: string) => {
      const { spec = {}, ...rest } = object as Thing;
      const { node, args, ...others } = spec;
      const field = apiVersion === "x.io/v1" ? { args: args ?? node } : { node: node ?? args };
      return { typeName: "Thing", object: deepClone({ ...rest, apiVersion, spec: { ...others, ...field } }) };
    };
    const beta: ManagedFieldsEntry = {
      manager: "one",
      operation: "Apply",
      apiVersion: "x.io/v1beta1",
      fieldsV1: { "f:spec": { "f:node": {} } },
    };
    const live = stored(thing({ args: "n", paused: true }, { managedFields: [beta] }));
    const next = applyObject<Thing>({ ...scope, convert: rename }, live, thing({ replicas: 1 }), {
      manager: "one",
      force: false,
      nowMs: 0,
    });
    expect(next.spec).to.deep.equal({ replicas: 1, paused: true });
  });

  it("drops managers of versions that are gone", () => {
    const entry = {
      manager: "old",
      operation: "Update",
      apiVersion: "x.io/v0",
      fieldsV1: { "f:spec": { "f:node": {} } },
    };
    const live = stored(thing({ node: "n" }, { managedFields: [entry] }));
    const convert = () => undefined;
    const next = applyObject<Thing>({ ...scope, convert }, live, thing({ replicas: 1 }), {
      manager: "one",
      force: false,
      nowMs: 0,
    });
    expect(entriesOf(next).map(({ manager }) => manager)).to.deep.equal(["one"]);
  });
});

describe("taking over from client-side apply", () => {
  const lastApplied = JSON.stringify({
    apiVersion: "x.io/v1",
    kind: "Thing",
    metadata: { name: "t" },
    spec: { replicas: 1, node: "n" },
  });
  const byClient = (spec: Record<string, unknown>) =>
    update(
      undefined,
      stored(thing(spec, { annotations: { [lastAppliedAnnotation]: lastApplied } })),
      "kubectl-client-side-apply",
    );

  it("is no conflict for kubectl, and keeps the annotation in step", () => {
    const next = apply(byClient({ replicas: 1, node: "n" }), thing({ replicas: 2, node: "n" }), "kubectl");
    expect(next.spec).to.deep.equal({ replicas: 2, node: "n" });
    const annotation = next.metadata?.annotations?.[lastAppliedAnnotation] ?? "";
    expect(JSON.parse(annotation)).to.deep.equal(thing({ replicas: 2, node: "n" }));
    expect(annotation.endsWith("\n")).to.equal(true);
  });

  it("is a conflict for fields that changed since, and for other managers", () => {
    const live = byClient({ replicas: 1, node: "n" });
    const scaled = update(live, { ...live, spec: { replicas: 5, node: "n" } }, "scaler");
    expect(failure(() => apply(scaled, thing({ replicas: 2, node: "m" }), "kubectl")).message).to.equal(
      'Apply failed with 1 conflict: conflict with "scaler" using x.io/v1: .spec.replicas',
    );
    expect(failure(() => apply(live, thing({ replicas: 2 }), "other")).code).to.equal(409);
  });
});

describe("managedFields of updates", () => {
  it("book a creation to its manager", () => {
    const created = update(undefined, thing({ replicas: 1 }, { labels: { a: "b" } }), "creator");
    expect(fieldsOf(created, "creator")).to.deep.equal({
      "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
      "f:spec": { "f:replicas": {} },
    });
  });

  it("hand changed fields over and keep unchanged entries as they are", () => {
    const live = update(undefined, thing({ replicas: 1, node: "n" }), "creator");
    const next = update(live, { ...live, spec: { replicas: 2, node: "n" } }, "scaler", 1000);
    expect(fieldsOf(next, "creator")).to.deep.equal({ "f:spec": { "f:node": {} } });
    expect(fieldsOf(next, "scaler")).to.deep.equal({ "f:spec": { "f:replicas": {} } });
    const paused: Thing = { ...live, spec: { ...live.spec, paused: true } };
    const same = updateManagedFields(scope, live, paused, { manager: "x", nowMs: 0 });
    expect(same?.[0]).to.equal(live.metadata?.managedFields?.[0]);
  });

  it("do not move without a change", () => {
    const live = update(undefined, thing({ replicas: 1 }), "creator");
    expect(update(live, deepClone(live), "other", 1000)).to.deep.equal(live);
  });

  it("forget a manager that owns nothing more", () => {
    const live = update(undefined, thing({ replicas: 1 }), "creator");
    expect(
      entriesOf(update(live, { ...live, spec: { replicas: 2 } }, "scaler")).map(({ manager }) => manager),
    ).to.deep.equal(["scaler"]);
    expect(entriesOf(update(live, thing({}, { uid: "u" }), "remover"))).to.deep.equal([]);
  });

  it("tell a subresource's writer from the object's", () => {
    const live = update(undefined, thing({ replicas: 1 }), "kubelet");
    const next = update(live, { ...live, status: { phase: "Up" } }, "kubelet", 1000, "status");
    expect(entriesOf(next).map(({ subresource, time }) => [subresource, time])).to.deep.equal([
      [undefined, "1970-01-01T00:00:00Z"],
      ["status", "1970-01-01T00:00:01Z"],
    ]);
  });

  it("survive a client that knows nothing of them", () => {
    const live = update(undefined, thing({ replicas: 1 }), "creator");
    const { managedFields: _, ...metadata } = live.metadata ?? {};
    expect(entriesOf(update(live, { ...live, metadata, spec: { replicas: 1, node: "n" } }, "other")).length).to.equal(
      2,
    );
  });

  it("start anew when the request empties them", () => {
    const live = update(undefined, thing({ replicas: 1 }), "creator");
    const next = { ...live, metadata: { ...live.metadata, managedFields: [{}] } };
    expect(updateManagedFields(scope, live, next, { manager: "x", nowMs: 0 })).to.equal(undefined);
  });

  it("ignore damage rather than fail a write", () => {
    const live = stored(thing({ replicas: 1 }, { managedFields: [{ operation: "Update", fieldsV1: { "x:": {} } }] }));
    const next: Thing = { ...live, spec: {} };
    expect(updateManagedFields(scope, live, next, { manager: "x", nowMs: 0 })).to.equal(undefined);
  });

  it("keep ten updaters, merging the oldest", () => {
    let live = update(undefined, thing({}, { labels: { l0: "x" } }), "m0");
    for (let i = 1; i <= 12; i++) {
      const labels = { ...live.metadata?.labels, [`l${i}`]: "x" };
      live = update(live, { ...live, metadata: { ...live.metadata, labels } }, `m${i}`, i * 1000);
    }
    expect(entriesOf(live)).to.have.length(10);
    expect(fieldsOf(live, "ancient-changes")).to.deep.equal({
      "f:metadata": { "f:labels": { ".": {}, "f:l0": {}, "f:l1": {}, "f:l2": {}, "f:l3": {} } },
    });
    expect(entryOf(live, "ancient-changes")?.time).to.equal("1970-01-01T00:00:03Z");
  });
});
