import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeWatchEvent } from "@tskube/api";
import { openEmbeddedStore, type Store } from "@tskube/store";
import { expect } from "chai";
import { at, openServerOver, type TestServer } from "../apiserver/open-test-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const initial = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
const protobuf = "application/vnd.kubernetes.protobuf;stream=watch";

/** Every form in which clients ask for watch events; each keeps the same promises. */
const forms: [name: string, accept: string, kind: string | undefined][] = [
  ["JSON", "application/json", "ConfigMap"],
  ["metadata as JSON", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "PartialObjectMetadata"],
  ["tables", "application/json;as=Table;v=v1;g=meta.k8s.io", "Table"],
  ["protobuf", protobuf, "ConfigMap"],
  ["metadata as protobuf", `${protobuf};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`, "PartialObjectMetadata"],
];

interface Seen {
  readonly type: string;
  readonly object: object;
}

describe("watches in every form", () => {
  let directory: string;
  let store: Store;
  let api: TestServer;
  let compacted: number;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "tskube-watch-forms-"));
    const open = () => openEmbeddedStore({ directory, isDurable: false });
    store = await open();
    api = await openServerOver(store);
    for (const name of ["a", "b"]) await api.send("POST", maps, { metadata: { name, labels: { name } } });
    compacted = await store.currentRevision();
    await api.send("POST", maps, { metadata: { name: "c" } });
    await store.compact(await store.currentRevision());
    // A store that has just been opened remembers nothing but what it keeps.
    await api.close();
    await store.close();
    store = await open();
    api = await openServerOver(store);
  });
  after(async () => {
    await api?.close();
    await store?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const take = async (query: string, accept: string, count: number) => {
    const stop = new AbortController();
    const answer = await api.transport.send({
      method: "GET",
      path: `${maps}?${query}`,
      headers: { accept },
      signal: stop.signal,
    });
    const seen: Seen[] = [];
    for await (const event of events(answer.body, answer.headers["content-type"]?.includes("protobuf") ?? false)) {
      seen.push(event);
      if (seen.length === count) break;
    }
    stop.abort();
    return { seen, contentType: answer.headers["content-type"] };
  };
  /** The metadata of what an event is about, wherever the form has it. */
  const metadataOf = ({ object }: Seen) =>
    (at(object, "kind") === "Table" ? at(object, "rows", 0, "object", "metadata") : at(object, "metadata")) as object;

  for (const [name, accept, kind] of forms) {
    it(`${name} begins with the state, and says where it ends`, async () => {
      const { seen, contentType } = await take(`${initial}&labelSelector=name`, accept, 3);
      expect(seen.map((one) => `${one.type} ${at(metadataOf(one), "name") || ""}`)).to.deep.equal([
        "ADDED a",
        "ADDED b",
        "BOOKMARK ",
      ]);
      expect(seen.map(({ object }) => at(object, "kind"))).to.deep.equal([kind, kind, kind]);
      const end = seen.at(-1);
      expect(end && at(metadataOf(end), "annotations", "k8s.io/initial-events-end")).to.equal("true");
      expect(Number(end && at(metadataOf(end), "resourceVersion"))).to.be.at.least(compacted);
      expect(contentType).to.equal(accept.includes("protobuf") ? protobuf : "application/json");
    });

    it(`${name} ends with an event that has a Status when its version is too old`, async () => {
      const { seen } = await take(`watch=1&resourceVersion=${compacted}`, accept, 2);
      expect(seen.map(({ type }) => type)).to.deep.equal(["ERROR"]);
      expect(seen[0]?.object).to.deep.include({ kind: "Status", apiVersion: "v1", reason: "Expired", code: 410 });
      expect(at(seen[0]?.object, "message")).to.match(
        new RegExp(`^too old resource version: ${compacted} \\(\\d+\\)$`),
      );
    });
  }

  it("tables name their columns once", async () => {
    const { seen } = await take(initial, "application/json;as=Table;v=v1;g=meta.k8s.io", 3);
    expect(
      seen.map(({ object }) => (at(object, "columnDefinitions") as unknown[] | null)?.length ?? null),
    ).to.deep.equal([3, null, null]);
  });

  it("a single object is watched by its name, in the path of old or by a field", async () => {
    for (const path of ["fieldSelector=metadata.name%3Db&watch=1", "fieldSelector=metadata.name%3Db&watch=true"]) {
      const { seen } = await take(`${path}&resourceVersion=0`, "application/json", 1);
      expect(at(seen[0]?.object, "metadata", "name")).to.equal("b");
    }
    const old = await api.transport.send({
      method: "GET",
      path: "/api/v1/watch/namespaces/default/configmaps/b?timeoutSeconds=1",
      headers: {},
    });
    const seen: Seen[] = [];
    for await (const event of events(old.body, false)) seen.push(event);
    expect(seen.map(({ object }) => at(object, "metadata", "name"))).to.deep.equal(["b"]);
  });
});

/** Watch events of a stream: lines of JSON, or protobuf frames with their length before them. */
async function* events(body: AsyncIterable<Uint8Array>, isProtobuf: boolean): AsyncGenerator<Seen> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of body) {
      rest = Buffer.concat([rest, chunk]);
      for (let size = frameSize(rest, isProtobuf); size > 0; size = frameSize(rest, isProtobuf)) {
        const frame = rest.subarray(0, size);
        rest = rest.subarray(size);
        yield isProtobuf ? decodeWatchEvent(frame.subarray(4)) : (JSON.parse(frame.toString()) as Seen);
      }
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
}

/** 0 while the next event has not come whole. */
function frameSize(bytes: Buffer, isProtobuf: boolean): number {
  if (!isProtobuf) return bytes.indexOf(10) + 1;
  const size = bytes.byteLength < 4 ? Number.POSITIVE_INFINITY : 4 + bytes.readUInt32BE(0);
  return bytes.byteLength < size ? 0 : size;
}
