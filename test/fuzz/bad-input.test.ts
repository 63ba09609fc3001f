import { expect } from "chai";
import fc from "fast-check";
import { at, openTestServer, type TestServer } from "../integration/apiserver/open-test-server.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
const deep = 100_000;
const nestings = {
  objects: `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`,
  arrays: `${"[".repeat(deep)}${"]".repeat(deep)}`,
};
const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];
/** What a property does within one run of the suite. */
const runs = { numRuns: 150 };

describe("bad input", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
    await api.send("POST", configMaps, { metadata: { name: "present" }, data: { a: "1" } });
  });
  after(() => api.close());
  afterEach("the server still answers, with what was stored", async () => {
    expect((await api.send("GET", "/readyz")).status).to.equal(200);
    expect(at((await api.send("GET", `${configMaps}/present`)).json, "kind")).to.equal("ConfigMap");
  });

  /** Sends what may be refused but must never break anything. */
  async function sendSafely(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const answer = await api.send(method, path, body, headers);
    const said = answer.bytes.toString("utf8").slice(0, 300);
    expect(answer.status, `${method} ${path.slice(0, 200)}: ${said}`).to.be.lessThan(500);
    return answer;
  }

  it("any bytes as a body are a Status of 4xx", () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { status, json } = await sendSafely("POST", configMaps, bytes);
        expect(status).to.be.within(400, 499);
        expect(at(json, "kind")).to.equal("Status");
      }),
      runs,
    ));

  it("any JSON as an object or patch, prototype keys included, breaks nothing", () =>
    fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(...patchTypes), async (json, type) => {
        await sendSafely("POST", `${configMaps}?dryRun=All`, json);
        const query = "dryRun=All&fieldManager=fuzz&force=true";
        await sendSafely("PATCH", `${configMaps}/present?${query}`, json, { "content-type": type });
        const wrapped = `{"metadata":{"name":"fuzz","__proto__":${json}},"__proto__":${json},"data":${json}}`;
        await sendSafely("POST", `${configMaps}?dryRun=All`, wrapped);
        expect(Object.keys(Object.prototype)).to.deep.equal([]);
      }),
      runs,
    ));

  it("any path is an answer", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/", "/api/", "/apis/", "/api/v1/namespaces/fuzzed/pods/", "/openapi/", "/apis/apps/v1/"),
        fc.webPath(),
        fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH"),
        async (root, rest, method) => {
          await sendSafely(method, `${root}${rest.replace(/^\//, "")}`);
        },
      ),
      runs,
    ));

  it("any query is an answer", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          "labelSelector",
          "fieldSelector",
          "limit",
          "continue",
          "resourceVersionMatch",
          "timeoutSeconds",
          "fieldValidation",
          "dryRun",
          "pretty",
        ),
        fc.oneof(fc.string(), fc.bigInt().map(String), fc.constantFrom("__proto__", "9".repeat(400), "-1", "1e309")),
        async (name, value) => {
          await sendSafely("GET", `${configMaps}?${name}=${encodeURIComponent(value)}`);
        },
      ),
      runs,
    ));

  for (const [shape, nested] of Object.entries(nestings)) {
    it(`${shape} nested ${deep} deep are refused in a body`, async () => {
      for (const body of [nested, `{"metadata":{"name":"deep"},"data":${nested}}`]) {
        expect((await sendSafely("POST", configMaps, body)).status).to.be.within(400, 499);
      }
    });

    for (const type of patchTypes) {
      it(`${shape} nested ${deep} deep are refused in ${type}`, async () => {
        const asPatch = `[{"op":"add","path":"/data","value":${nested}}]`;
        const body = type.includes("json-patch") ? asPatch : `{"apiVersion":"v1","kind":"ConfigMap","data":${nested}}`;
        const path = `${configMaps}/present?fieldManager=fuzz`;
        expect((await sendSafely("PATCH", path, body, { "content-type": type })).status).to.be.within(400, 499);
      });
    }
  }

  it("managed fields nested deep are refused or dropped", async () => {
    const fields = `{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":${nestings.objects}}`;
    await sendSafely("POST", configMaps, `{"metadata":{"name":"managed","managedFields":[${fields}]}}`);
  });

  it("selectors of any length are answered", async () => {
    const selector = Array.from({ length: 5_000 }, (_, index) => `k${index}!=v`).join(",");
    await sendSafely("GET", `${configMaps}?labelSelector=${encodeURIComponent(selector)}`);
    await sendSafely("GET", `${configMaps}?labelSelector=${"(".repeat(50_000)}`);
  });
});
