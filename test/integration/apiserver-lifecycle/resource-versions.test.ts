import { expect } from "chai";
import { type Answer, at, openTestServer, type TestServer, watchEvents } from "../apiserver/open-test-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const future = 1_000_000_000;

/** What `resourceVersion` and its companions mean, as the table of upstream's "API concepts" page has it. */
describe("resourceVersion and resourceVersionMatch", () => {
  let api: TestServer;
  /** After the first object, before the second. */
  let between: string;
  before(async () => {
    api = await openTestServer();
    await api.send("POST", maps, { metadata: { name: "a" } });
    await api.send("POST", maps, { metadata: { name: "b" } });
    between = String(at((await api.send("GET", maps)).json, "metadata", "resourceVersion"));
    await api.send("POST", maps, { metadata: { name: "c" } });
  });
  after(() => api.close());

  const ask = (query: string) => api.send("GET", `${maps}?${query.replaceAll("RV", between)}`);
  const names = ({ json }: Answer) =>
    (at(json, "items") as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name).join("");

  const lists: [query: string, items: string, remaining: number | undefined][] = [
    ["", "abc", undefined], // most recent
    ["resourceVersion=0", "abc", undefined], // any
    ["resourceVersion=RV", "abc", undefined], // not older than
    ["resourceVersion=0&resourceVersionMatch=NotOlderThan", "abc", undefined],
    ["resourceVersion=RV&resourceVersionMatch=NotOlderThan", "abc", undefined],
    ["resourceVersion=RV&resourceVersionMatch=Exact", "ab", undefined],
    ["limit=1", "a", 2], // most recent
    ["limit=1&resourceVersion=0", "abc", undefined], // any: the limit is not honoured
    ["limit=1&resourceVersion=RV", "a", 1], // exact
    ["limit=2&resourceVersion=RV", "ab", undefined],
    ["limit=1&resourceVersion=0&resourceVersionMatch=NotOlderThan", "abc", undefined],
    ["limit=1&resourceVersion=RV&resourceVersionMatch=NotOlderThan", "a", 2],
    ["limit=1&resourceVersion=RV&resourceVersionMatch=Exact", "a", 1],
    ["limit=1&fieldSelector=metadata.name!%3Da", "b", undefined], // how many remain is not known under a selector
    ["limit=1&labelSelector=!x", "a", undefined],
  ];
  for (const [query, items, remaining] of lists) {
    it(`list ?${query} shows ${items}`, async () => {
      const answer = await ask(query);
      expect(answer.status).to.equal(200);
      expect(names(answer)).to.equal(items);
      expect(at(answer.json, "metadata", "remainingItemCount")).to.equal(remaining);
    });
  }

  const refused: [query: string, status: number, message: string][] = [
    [
      "resourceVersionMatch=Exact",
      422,
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      "resourceVersion=0&resourceVersionMatch=Exact",
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      "resourceVersion=RV&resourceVersionMatch=Near",
      422,
      'resourceVersionMatch: Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""',
    ],
    ["continue=x", 400, "invalid continue token: continue key is not valid"],
    [
      "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0",
      400,
      "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
    ],
    ["watch=1&sendInitialEvents=true", 422, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"],
    [
      "watch=1&resourceVersionMatch=NotOlderThan",
      422,
      "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    ],
    [
      "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact",
      422,
      'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
    ],
  ];
  for (const [query, status, message] of refused) {
    it(`?${query} is refused`, async () => {
      const answer = await ask(query);
      expect(answer.status).to.equal(status);
      expect(answer.bytes.toString()).to.contain(JSON.stringify(message).slice(1, -1));
    });
  }

  it("pages may not be asked for at another version than that of the first", async () => {
    const token = String(at((await ask("limit=1")).json, "metadata", "continue"));
    const answer = await ask(`limit=1&continue=${token}&resourceVersion=RV`);
    expect(answer.status).to.equal(400);
    expect(at(answer.json, "message")).to.equal("specifying resource version is not allowed when using continue");
    expect(names(await ask(`limit=1&continue=${token}&resourceVersion=0`))).to.equal("b");
  });

  it("a version of the future is waited for a while, and then a timeout with a cause of its own", async () => {
    const initial = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const queries = [
      `resourceVersion=${future}`,
      `resourceVersion=${future}&resourceVersionMatch=NotOlderThan`,
      `resourceVersion=${future}&resourceVersionMatch=Exact`,
      `resourceVersion=${future}&limit=1`,
      `resourceVersion=${future}&${initial}`,
    ];
    const paths = [...queries.map((query) => `${maps}?${query}`), `${maps}/a?resourceVersion=${future}`];
    const answers = await Promise.all(paths.map((path) => api.send("GET", path)));
    for (const [index, { status, headers, bytes }] of answers.entries()) {
      expect(status, paths[index]).to.equal(504);
      expect(headers["retry-after"], paths[index]).to.equal("1");
      const body: unknown = JSON.parse(bytes.toString());
      expect(at(body, "reason")).to.equal("Timeout");
      expect(at(body, "message")).to.match(/^Timeout: Too large resource version: 1000000000, current: \d+$/);
      expect(at(body, "details")).to.deep.equal({
        retryAfterSeconds: 1,
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      });
    }
  }).timeout(10_000);

  it("a version that is nearly there is waited for", async () => {
    const next = Number(at((await ask("")).json, "metadata", "resourceVersion")) + 1;
    const reading = api.send("GET", `${maps}?resourceVersion=${next}`);
    await api.send("POST", maps, { metadata: { name: "d" } });
    expect((await reading).status).to.equal(200);
    await api.send("DELETE", `${maps}/d`);
  });

  describe("of a watch", () => {
    const stop = new AbortController();
    after(() => stop.abort());
    const take = async (query: string, count: number) => {
      const seen: string[] = [];
      const path = `${maps}?watch=1&${query.replaceAll("RV", between)}`;
      for await (const { type, object } of watchEvents(api.transport, path, stop.signal)) {
        const ends = at(object, "metadata", "annotations", "k8s.io/initial-events-end");
        seen.push(ends === "true" ? "END" : `${type} ${at(object, "metadata", "name")}`);
        if (seen.length === count) break;
      }
      return seen;
    };
    const all = ["ADDED a", "ADDED b", "ADDED c"];
    const notOlder = "resourceVersionMatch=NotOlderThan";
    const watches: [query: string, begin: string[]][] = [
      ["", all],
      ["resourceVersion=0", all],
      ["resourceVersion=RV", ["ADDED c"]],
      ["allowWatchBookmarks=true", [...all, "END"]],
      [`sendInitialEvents=true&${notOlder}`, all],
      [`sendInitialEvents=true&${notOlder}&resourceVersion=0&allowWatchBookmarks=true`, [...all, "END"]],
      [`sendInitialEvents=true&${notOlder}&resourceVersion=RV&allowWatchBookmarks=true`, [...all, "END"]],
      [`sendInitialEvents=false&${notOlder}&resourceVersion=RV`, ["ADDED c"]],
      [
        `sendInitialEvents=true&${notOlder}&allowWatchBookmarks=true&fieldSelector=metadata.name%3Db`,
        ["ADDED b", "END"],
      ],
    ];
    for (const [query, begin] of watches) {
      it(`?${query} begins with ${begin.join(", ")}`, async () =>
        expect(await take(query, begin.length)).to.deep.equal(begin));
    }

    it("begins at a version of the future when that has come", async () => {
      const now = Number(at((await ask("")).json, "metadata", "resourceVersion"));
      const watching = take(`resourceVersion=${now + 2}`, 1);
      for (const name of ["e1", "e2", "e3"]) await api.send("POST", maps, { metadata: { name } });
      expect(await watching).to.deep.equal(["ADDED e3"]);
    });

    it("ends when its time is over before its version has come", async () => {
      expect(await take(`resourceVersion=${future}&timeoutSeconds=1`, 1)).to.deep.equal([]);
    });
  });
});
