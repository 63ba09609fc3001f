import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { Broadcaster } from "./broadcaster.ts";
import { jsonEncoding } from "./json-encoding.ts";
import { anEntry, anEvent } from "./testing/entries.ts";
import { maxPendingBytes, WatchMember, type WatchSink } from "./watch-member.ts";

class FakeSink implements WatchSink {
  readonly chunks: string[] = [];
  pendingBytes = 0;
  isEnded = false;
  isCut = false;
  write(chunk: Uint8Array): boolean {
    this.chunks.push(Buffer.from(chunk).toString("utf8"));
    return true;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  end(): void {
    this.isEnded = true;
  }
  destroy(): void {
    this.isCut = true;
  }
  get events(): string[] {
    const lines = this.chunks
      .join("")
      .split("\n")
      .filter((line) => line !== "");
    return lines.map((line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name?: string } } };
      return `${type} ${object.metadata.name ?? ""}`.trim();
    });
  }
}

const encoding = jsonEncoding("ConfigMap", "v1");
const everything = { key: "all", matches: () => true };

describe("Broadcaster", () => {
  const clock = new FakeClock();
  const open = async (broadcaster: Broadcaster, filter: Parameters<Broadcaster["join"]>[0]["filter"] = everything) => {
    const sink = new FakeSink();
    const member = new WatchMember(sink, () => {});
    const joined = broadcaster.join({ filter, encoding, hasBookmarks: true }, member);
    await member.catchUp([]);
    return { sink, member, joined };
  };
  const create = () => {
    const delivered: number[] = [];
    return {
      broadcaster: new Broadcaster({ clock, refresh: async () => {}, onDelivered: (events) => delivered.push(events) }),
      delivered,
    };
  };

  it("writes events of one batch to every watcher in one chunk", async () => {
    const { broadcaster, delivered } = create();
    const watchers = [await open(broadcaster), await open(broadcaster)];
    broadcaster.onBatch([anEvent("ADDED", anEntry("a/1", 1)), anEvent("ADDED", anEntry("a/2", 2))], 2);
    await clock.advance(5);
    for (const { sink } of watchers) {
      expect(sink.events).to.deep.equal(["ADDED 1", "ADDED 2"]);
      expect(sink.chunks).to.have.length(1);
    }
    expect(delivered).to.deep.equal([4]);
  });

  it("asks a watcher with a trigger only about its own value, before and after", async () => {
    const { broadcaster } = create();
    let asked = 0;
    const filter = {
      key: "n1",
      trigger: { field: "node", value: "n1" },
      matches: (entry: { fields: Readonly<Record<string, string>> }) => {
        asked++;
        return entry.fields["node"] === "n1";
      },
    };
    const { sink } = await open(broadcaster, filter);
    broadcaster.onBatch([anEvent("ADDED", anEntry("a/other", 1, { annotations: { node: "n2" } }))], 1);
    expect(asked).to.equal(0);
    const before = anEntry("a/moved", 2, { annotations: { node: "n1" } });
    const after = anEntry("a/moved", 3, { annotations: { node: "n2" } });
    broadcaster.onBatch([anEvent("ADDED", before), anEvent("MODIFIED", after, before)], 3);
    await clock.advance(5);
    expect(sink.events).to.deep.equal(["ADDED moved", "DELETED moved"]);
    expect(sink.chunks.join("")).to.contain('"resourceVersion":"3"');
  });

  it("gives who joins later only what comes later", async () => {
    const { broadcaster } = create();
    const first = await open(broadcaster);
    broadcaster.onBatch([anEvent("ADDED", anEntry("a/1", 1))], 1);
    const second = await open(broadcaster);
    broadcaster.onBatch([anEvent("ADDED", anEntry("a/2", 2))], 2);
    await clock.advance(5);
    expect(first.sink.events).to.deep.equal(["ADDED 1", "ADDED 2"]);
    expect(second.sink.events).to.deep.equal(["ADDED 2"]);
  });

  it("sends bookmarks every minute", async () => {
    const { broadcaster } = create();
    const { sink } = await open(broadcaster);
    broadcaster.onBatch([], 77);
    await clock.advance(60_000);
    await clock.advance(5);
    expect(sink.events).to.deep.equal(["BOOKMARK"]);
    expect(sink.chunks.join("")).to.contain('"resourceVersion":"77"');
  });

  it("cuts a watcher that does not read, and no other", async () => {
    const { broadcaster } = create();
    const slow = await open(broadcaster);
    const quick = await open(broadcaster);
    slow.sink.pendingBytes = maxPendingBytes + 1;
    broadcaster.onBatch([anEvent("ADDED", anEntry("a/1", 1))], 1);
    await clock.advance(5);
    expect([slow.sink.isCut, quick.sink.isCut]).to.deep.equal([true, false]);
    expect(slow.member.isOpen).to.equal(false);
  });

  it("cuts all when history is lost", async () => {
    const { broadcaster } = create();
    const { sink } = await open(broadcaster);
    broadcaster.onReset();
    expect(sink.isCut).to.equal(true);
  });

  it("keeps what happens while a watcher catches up behind what it catches up on", async () => {
    const { broadcaster } = create();
    const sink = new FakeSink();
    const member = new WatchMember(sink, () => {});
    broadcaster.join({ filter: everything, encoding, hasBookmarks: false }, member);
    broadcaster.onBatch([anEvent("ADDED", anEntry("a/2", 2))], 2);
    await clock.advance(5);
    expect(sink.chunks).to.deep.equal([]);
    await member.catchUp(encoding.event("ADDED", anEntry("a/1", 1)));
    expect(sink.events).to.deep.equal(["ADDED 1", "ADDED 2"]);
  });
});
