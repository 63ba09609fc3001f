import { isResourceExpired } from "@tskube/apimachinery";
import { expect } from "chai";
import type { RestClient } from "../rest/rest-client.ts";
import { jsonLines } from "./json-lines.ts";
import { isInitialEventsEnd, type WatchEvent, watch } from "./watch.ts";

async function* chunks(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );

describe("JSON lines", () => {
  it("are found however the stream is cut", async () => {
    const text = '{"a":"ä"}\n\n{"b":2}\n';
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(await all(jsonLines(chunks(...pieces))), `chunks of ${size}`).to.deep.equal([{ a: "ä" }, { b: 2 }]);
    }
  });

  it("drop a last line that was cut", async () => {
    expect(await all(jsonLines(chunks('{"a":1}\n{"b":')))).to.deep.equal([{ a: 1 }]);
  });

  it("may not be longer than the limit", async () => {
    const error = await thrown(all(jsonLines(chunks('"', "x".repeat(50), "x".repeat(60)), 100)));
    expect(String(error)).to.contain("longer than 100 bytes");
  });
});

describe("watch", () => {
  const over = (...lines: readonly unknown[]) =>
    ({
      open: async () => ({
        status: 200,
        headers: {},
        body: chunks(...lines.map((line) => `${JSON.stringify(line)}\n`)),
      }),
    }) as unknown as RestClient;
  const events = (...lines: readonly unknown[]) => all(watch(over(...lines), "/api/v1/pods", {}));

  it("gives events in order and knows the bookmark that ends the initial ones", async () => {
    const marked = { metadata: { resourceVersion: "5", annotations: { "k8s.io/initial-events-end": "true" } } };
    const got = await events(
      { type: "ADDED", object: { metadata: { name: "a" } } },
      { type: "BOOKMARK", object: marked },
    );
    expect(got.map((event) => event.type)).to.deep.equal(["ADDED", "BOOKMARK"]);
    expect(got.map((event) => isInitialEventsEnd(event as WatchEvent<never>))).to.deep.equal([false, true]);
  });

  it("throws the Status of an ERROR event", async () => {
    const status = {
      kind: "Status",
      status: "Failure",
      reason: "Expired",
      code: 410,
      message: "too old resource version",
    };
    expect(isResourceExpired(await thrown(events({ type: "ERROR", object: status })))).to.equal(true);
  });

  for (const broken of [7, null, { type: "ADDED" }, { type: "RENAMED", object: {} }]) {
    it(`refuses ${JSON.stringify(broken)} as an event`, async () => {
      expect(await thrown(events(broken))).to.be.instanceOf(Error);
    });
  }
});
