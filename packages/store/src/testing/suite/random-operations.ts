import { expect } from "chai";
import fc from "fast-check";
import type { Store, TxnRequest } from "../../store.ts";
import { collectUntil } from "../collect.ts";
import { StoreModel } from "../store-model.ts";
import { type MakeStore, withStore } from "./fixture.ts";

interface Step {
  readonly keys: readonly string[];
  readonly isDelete: boolean;
  readonly value: string;
  /** What the conditions name: nothing, the true revision, or a wrong one. */
  readonly condition: "none" | "right" | "wrong";
}

const step: fc.Arbitrary<Step> = fc.record({
  keys: fc.uniqueArray(fc.constantFrom("a", "a/b", "a0", "b", "c"), { minLength: 1, maxLength: 3 }),
  isDelete: fc.boolean(),
  value: fc.string({ maxLength: 5 }),
  condition: fc.constantFrom("none", "right", "right", "wrong"),
});

export function describeRandomOperations(makeStore: MakeStore): void {
  it(
    "behaves as a model of it does under random operations",
    withStore(makeStore, async ({ store, prefix }) => {
      let run = 0;
      const property = fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        async (steps, pick) => {
          await checkAgainstModel(store, `${prefix}${run++}/`, steps, pick);
        },
      );
      await fc.assert(property, { numRuns: 15 });
    }),
  );
}

async function checkAgainstModel(store: Store, prefix: string, steps: readonly Step[], pick: number): Promise<void> {
  const model = new StoreModel();
  const begin = (await store.currentRevision()) + 1;
  for (const one of steps) {
    const request = toRequest(one, prefix, model);
    const answer = await store.txn(request);
    expect(answer).to.deep.equal(model.txn(request, answer.revision));
  }
  const revision = await store.currentRevision();
  expect((await store.range({ prefix })).items).to.deep.equal(model.itemsAt());
  const past = model.revisions[pick % (model.revisions.length || 1)] ?? begin;
  expect((await store.range({ prefix, revision: Math.min(past, revision) })).items).to.deep.equal(model.itemsAt(past));
  for (const fromRevision of [begin, past]) {
    const abort = new AbortController();
    const events = await collectUntil(store.watch({ prefix, fromRevision }, abort.signal), revision);
    abort.abort();
    expect(events).to.deep.equal(model.eventsFrom(fromRevision));
  }
}

function toRequest({ keys, isDelete, value, condition }: Step, prefix: string, model: StoreModel): TxnRequest {
  const items = new Map(model.itemsAt().map((item) => [item.key, item]));
  const off = condition === "wrong" ? 1 : 0;
  const full = keys.map((key) => prefix + key);
  return {
    conditions:
      condition === "none" ? [] : full.map((key) => ({ key, modRevision: (items.get(key)?.modRevision ?? 0) + off })),
    writes: full.map((key) => (isDelete ? { type: "delete", key } : { type: "put", key, value: Buffer.from(value) })),
  };
}
