import { FakeClock } from "@tskube/base/testing";
import type { Store } from "@tskube/store";
import { openInMemoryStore } from "@tskube/store/testing";
import { expect } from "chai";
import { SharedHistory } from "./shared-history.ts";

describe("history that caches share", () => {
  let store: Store;
  let watches: number[];
  let clock: FakeClock;
  beforeEach(async () => {
    store = await openInMemoryStore();
    clock = new FakeClock();
    watches = [];
  });
  afterEach(() => store.close());

  const put = async (key: string) =>
    (await store.txn({ conditions: [], writes: [{ type: "put", key: `/registry/${key}`, value: Buffer.from("x") }] }))
      .revision;
  const open = (events = 100) => {
    const counting: Pick<Store, "watch"> = {
      watch(request, signal) {
        watches.push(request.fromRevision);
        return store.watch(request, signal);
      },
    };
    return new SharedHistory({ store: counting, clock }, { events, bytes: 1e6 });
  };
  const keys = async (history: SharedHistory, prefix: string, after: number, upTo: number) =>
    (await history.read(`/registry/${prefix}/`, after, upTo))?.map(({ key }) => key.slice("/registry/".length));

  it("is read once for all who ask, and gives each its own", async () => {
    const start = await store.currentRevision();
    for (const key of ["a/1", "b/1", "a/2"]) await put(key);
    const end = await put("c/1");
    const history = open();
    const all = ["a", "b", "c"].map((prefix) => keys(history, prefix, start, end));
    expect(await Promise.all(all)).to.deep.equal([["a/1", "a/2"], ["b/1"], ["c/1"]]);
    expect(watches).to.deep.equal([start + 1]);
  });

  it("grows at its ends, and leaves out what lies beyond those asked for", async () => {
    const first = await put("a/1");
    const second = await put("a/2");
    const third = await put("a/3");
    const fourth = await put("a/4");
    const history = open();
    expect(await keys(history, "a", second, third)).to.deep.equal(["a/3"]);
    expect(await keys(history, "a", first, fourth)).to.deep.equal(["a/2", "a/3", "a/4"]);
    expect(watches).to.deep.equal([third, second, fourth]);
    expect(await keys(history, "a", first, second)).to.deep.equal(["a/2"]);
    expect(watches.length).to.equal(3);
  });

  it("is forgotten after a while, and is not had when it is long", async () => {
    const start = await store.currentRevision();
    const end = await put("a/1");
    const history = open(1);
    await history.read("/registry/a/", start, end);
    await clock.advance(30_000);
    expect(await keys(history, "a", start, end)).to.deep.equal(["a/1"]);
    expect(watches.length).to.equal(2);
    expect(await keys(history, "a", start, await put("a/2"))).to.equal(undefined);
    history.close();
    expect(clock.pending).to.equal(0);
  });
});
