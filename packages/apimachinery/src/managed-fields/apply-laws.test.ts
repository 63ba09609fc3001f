import { expect } from "chai";
import fc from "fast-check";
import type { ObjectLike } from "../meta/object-meta.ts";
import { smallSchema } from "../testing/index.ts";
import { deepClone, deepFreeze } from "../values/deep.ts";
import { applyObject } from "./apply.ts";
import { extractFieldSet } from "./extract.ts";
import { difference, isEmptySet, union } from "./field-set.ts";
import { parseFieldSet } from "./parse-field-set.ts";
import { unownedFields } from "./scope.ts";
import { updateManagedFields } from "./update.ts";

interface Thing extends ObjectLike {
  readonly spec?: unknown;
}

const scope = { schema: smallSchema, typeName: "Thing", apiVersion: "x.io/v1" };

const container = fc.record(
  {
    name: fc.constantFrom("a", "b", "c"),
    image: fc.constantFrom("1", "2"),
    ports: fc.uniqueArray(fc.record({ port: fc.integer({ min: 1, max: 3 }) }), { selector: ({ port }) => port }),
  },
  { requiredKeys: ["name"] },
);

const spec = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 2 }),
    node: fc.constantFrom("n", "m"),
    args: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
    containers: fc.uniqueArray(container, { selector: ({ name }) => name }),
    limits: fc.record({ cpu: fc.constantFrom("1", "2") }),
  },
  { requiredKeys: [] },
);

const thing = fc.record({ spec, labels: fc.dictionary(fc.constantFrom("k", "l"), fc.constantFrom("v", "w")) }).map(
  ({ spec: content, labels }): Thing => ({
    apiVersion: "x.io/v1",
    kind: "Thing",
    metadata: { name: "t", labels },
    spec: content,
  }),
);

const stored = (object: Thing): Thing =>
  deepFreeze(deepClone({ ...object, metadata: { ...object.metadata, uid: "u" } }));

const apply = (live: Thing | undefined, applied: Thing, manager: string) =>
  stored(applyObject<Thing>(scope, live, applied, { manager, force: true, nowMs: 0 }));

const ownedBy = (object: Thing, manager?: string) =>
  (object.metadata?.managedFields ?? [])
    .filter((entry) => manager === undefined || entry.manager === manager)
    .reduce((set, entry) => union(set, parseFieldSet(entry.fieldsV1)), parseFieldSet({}));

const contentOf = (object: Thing) => ({ spec: object.spec ?? {}, labels: object.metadata?.labels ?? {} });

describe("laws of server-side apply", () => {
  it("an apply repeated changes nothing", () => {
    fc.assert(
      fc.property(thing, thing, (first, second) => {
        const live = apply(apply(undefined, first, "one"), second, "two");
        expect(apply(live, second, "two")).to.deep.equal(live);
      }),
    );
  });

  it("who applies owns what it applied", () => {
    fc.assert(
      fc.property(thing, thing, (first, second) => {
        const live = apply(apply(undefined, first, "one"), second, "two");
        const wanted = difference(extractFieldSet(smallSchema, "Thing", second), unownedFields);
        expect(isEmptySet(difference(wanted, ownedBy(live, "two")))).to.equal(true);
        expect(isEmptySet(difference(ownedBy(live, "two"), wanted))).to.equal(true);
      }),
    );
  });

  it("a lone applier's object is exactly what it applies", () => {
    fc.assert(
      fc.property(thing, thing, (first, second) => {
        const next = apply(apply(undefined, first, "one"), second, "one");
        const direct = apply(undefined, second, "one");
        const fields = (object: Thing) => extractFieldSet(smallSchema, "Thing", contentOf(object));
        expect(isEmptySet(difference(fields(next), fields(direct)))).to.equal(true);
        expect(isEmptySet(difference(fields(direct), fields(next)))).to.equal(true);
      }),
    );
  });

  it("an update leaves every field it changed to its writer alone", () => {
    fc.assert(
      fc.property(thing, thing, (first, second) => {
        const live = apply(undefined, first, "one");
        const managedFields = updateManagedFields(scope, live, stored(second), { manager: "two", nowMs: 0 }) ?? [];
        const next = stored({ ...second, metadata: { ...second.metadata, managedFields } });
        const there = difference(extractFieldSet(smallSchema, "Thing", second), unownedFields);
        // Nobody is left owning what is not there any more.
        const leftovers = difference(
          difference(ownedBy(next, "one"), there),
          extractFieldSet(smallSchema, "Thing", first),
        );
        expect(isEmptySet(leftovers)).to.equal(true);
        expect(updateManagedFields(scope, next, next, { manager: "three", nowMs: 5 })).to.deep.equal(
          managedFields.length > 0 ? managedFields : undefined,
        );
      }),
    );
  });
});
