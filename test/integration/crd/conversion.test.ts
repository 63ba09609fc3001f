import { expect } from "chai";
import { at, type Json, openTestServer, type TestServer, watchEvents } from "../apiserver/open-test-server.ts";
import { definitions, establish, until } from "./establish.ts";
import { type Answer, type ConversionReview, converted, openWebhook, type WebhookServer } from "./webhook-server.ts";

const group = "versions.example.com";
const merge = { "content-type": "application/merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };

const version = (name: string, field: string, isStored: boolean) => ({
  name,
  served: true,
  storage: isStored,
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: { type: "object", properties: { [field]: { type: "string" }, size: { type: "integer", default: 1 } } },
        status: { type: "object", properties: { ready: { type: "boolean" } } },
      },
    },
  },
  subresources: { status: {} },
});

/** `spec.host` in v1beta1 is `spec.address` in v1. */
function renameHost(review: ConversionReview, change: (object: Json) => object = (object) => object): object {
  const { desiredAPIVersion, objects } = review.request;
  return converted(
    review,
    objects.map((object) => {
      const { host, address, ...rest } = (object["spec"] ?? {}) as Record<string, unknown>;
      const field = desiredAPIVersion.endsWith("/v1") ? "address" : "host";
      return change({ ...object, apiVersion: desiredAPIVersion, spec: { ...rest, [field]: host ?? address } });
    }),
  );
}

describe("conversion of custom resources by a webhook", () => {
  let api: TestServer;
  let webhook: WebhookServer;
  let answer: Answer = (review) => renameHost(review);
  const asked: ConversionReview[] = [];
  let count = 0;

  before(async () => {
    api = await openTestServer();
    webhook = await openWebhook("unused.default.svc", (review, path) => {
      asked.push(review);
      return answer(review, path);
    });
  });
  after(async () => {
    webhook?.close();
    await api?.close();
  });
  beforeEach(() => {
    answer = (review) => renameHost(review);
    asked.length = 0;
  });

  /** Defines a kind that is stored as v1, and returns where its versions are. */
  async function define(port = webhook.port): Promise<{ old: string; now: string; definition: string }> {
    const plural = `hooks${++count}`;
    await establish(api, {
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Cluster",
        names: { plural, kind: `Hook${count}` },
        versions: [version("v1beta1", "host", false), version("v1", "address", true)],
        conversion: {
          strategy: "Webhook",
          webhook: {
            clientConfig: { url: `https://127.0.0.1:${port}/convert`, caBundle: webhook.caBundle },
            conversionReviewVersions: ["v1"],
          },
        },
      },
    });
    const base = `/apis/${group}`;
    return {
      old: `${base}/v1beta1/${plural}`,
      now: `${base}/v1/${plural}`,
      definition: `${definitions}/${plural}.${group}`,
    };
  }

  it("happens on the way in and out, with defaults of each version on its side", async () => {
    const { old, now } = await define();
    const made = await api.send("POST", old, { metadata: { name: "a" }, spec: { host: "h" } });
    expect(at(made.json, "spec"), JSON.stringify(made.json)).to.deep.equal({ host: "h", size: 1 });
    const read = await api.send("GET", `${now}/a`);
    expect(at(read.json, "spec")).to.deep.equal({ address: "h", size: 1 });
    expect(at(read.json, "metadata", "uid")).to.equal(at(made.json, "metadata", "uid"));
    await api.send("PATCH", `${now}/a`, { spec: { address: "new" } }, merge);
    const again = await api.send("GET", `${old}/a`);
    expect(at(again.json, "spec")).to.deep.equal({ host: "new", size: 1 });
    expect(at(again.json, "metadata", "generation")).to.equal(2);
    await api.send("PATCH", `${old}/a/status`, { status: { ready: true } }, merge);
    expect(at((await api.send("GET", `${now}/a`)).json, "status")).to.deep.equal({ ready: true });
  });

  it("of a list is one question", async () => {
    const { old, now } = await define();
    for (const name of ["a", "b", "c"]) await api.send("POST", now, { metadata: { name }, spec: { address: name } });
    asked.length = 0;
    const { json } = await api.send("GET", old);
    expect((at(json, "items") as Json[]).map((item) => at(item, "spec", "host"))).to.deep.equal(["a", "b", "c"]);
    expect(asked.map(({ request }) => request.objects.length)).to.deep.equal([3]);
  });

  it("reaches watches of every version", async () => {
    const { old, now } = await define();
    const stop = AbortSignal.timeout(10_000);
    const watches = [old, now].map((path) => watchEvents(api.transport, `${path}?watch=true`, stop));
    await api.send("POST", old, { metadata: { name: "a" }, spec: { host: "h" } });
    const [beta, stable] = await Promise.all(watches.map(async (events) => (await events.next()).value));
    expect(at(beta?.object, "spec")).to.deep.equal({ host: "h", size: 1 });
    expect(at(stable?.object, "spec")).to.deep.equal({ address: "h", size: 1 });
    for (const events of watches) await events.return(undefined);
  });

  it("lets managers of different versions own fields of one object", async () => {
    const { old, now } = await define();
    const body = (path: string, spec: object) => ({
      apiVersion: path.split("/").slice(2, 4).join("/"),
      kind: `Hook${count}`,
      metadata: { name: "a" },
      spec,
    });
    const send = (path: string, manager: string, spec: object) =>
      api.send("PATCH", `${path}/a?fieldManager=${manager}`, body(path, spec), apply);
    expect((await send(old, "one", { host: "h" })).status).to.equal(201);
    expect((await send(now, "two", { size: 3 })).status).to.equal(200);
    const { json } = await api.send("GET", `${now}/a`);
    expect(at(json, "spec")).to.deep.equal({ address: "h", size: 3 });
    const managers = at(json, "metadata", "managedFields") as { manager: string; apiVersion: string }[];
    expect(managers.map(({ manager, apiVersion }) => `${manager} ${apiVersion}`).sort()).to.deep.equal([
      `one ${group}/v1beta1`,
      `two ${group}/v1`,
    ]);
  });

  it("may change labels and annotations, and keeps all other metadata as it was", async () => {
    const { old, now } = await define();
    await api.send("POST", now, { metadata: { name: "a", labels: { l: "1" }, finalizers: ["x.io/f"] } });
    answer = (review) =>
      renameHost(review, (object) => ({
        ...object,
        metadata: { ...(at(object, "metadata") as object), labels: { l: "2" }, finalizers: ["x.io/g"], generation: 99 },
      }));
    const { json } = await api.send("GET", `${old}/a`);
    expect(at(json, "metadata", "labels")).to.deep.equal({ l: "2" });
    expect(at(json, "metadata", "finalizers")).to.deep.equal(["x.io/f"]);
    expect(at(json, "metadata", "generation")).to.equal(1);
    await api.send("PATCH", `${now}/a`, { metadata: { finalizers: null } }, merge);
  });

  const metadata = (more: object) => (review: ConversionReview) =>
    renameHost(review, (object) => ({ ...object, metadata: { ...(at(object, "metadata") as object), ...more } }));
  const failures: [string, Answer, string][] = [
    ["that is refused", () => ({ status: 500, text: "no luck" }), 'failed: an error on the server ("no luck")'],
    ["without JSON", () => ({ status: 200, text: "{" }), "failed: couldn't get version/kind; json parse error:"],
    [
      "of another kind",
      (review) => ({ ...renameHost(review), kind: "Other" }),
      "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got",
    ],
    [
      "without a response",
      ({ apiVersion }) => ({ apiVersion, kind: "ConversionReview" }),
      "failed: no response provided",
    ],
    [
      "to another question",
      (review) => renameHost({ ...review, request: { ...review.request, uid: "other" } }),
      ', got "other"',
    ],
    [
      "that says why not",
      (review) => ({
        ...renameHost(review),
        response: { uid: review.request.uid, result: { status: "Failed", message: "not today" } },
      }),
      "failed: not today",
    ],
    ["with too few objects", (review) => converted(review, []), "returned 0 objects, expected 1"],
    [
      "in the wrong version",
      (review) => renameHost(review, (object) => ({ ...object, apiVersion: `${group}/v2` })),
      `returned invalid object: invalid groupVersion (expected ${group}/v1beta1, received ${group}/v2)`,
    ],
    ["with another name", metadata({ name: "b" }), "returned invalid object: must have the same name: a != b"],
    ["with another uid", metadata({ uid: "1" }), "returned invalid object: must have the same UID: "],
    [
      "with labels that are none",
      metadata({ labels: { a: 1 } }),
      "returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object",
    ],
    [
      "with wrong labels",
      metadata({ labels: { "-": "x" } }),
      "returned invalid metadata: metadata.labels: Invalid value",
    ],
  ];
  for (const [what, given, expected] of failures) {
    it(`fails in upstream's words for an answer ${what}`, async () => {
      const { old, now } = await define();
      await api.send("POST", now, { metadata: { name: "a" } });
      answer = given;
      const { status, json } = await api.send("GET", `${old}/a`);
      expect(status).to.equal(500);
      expect(at(json, "message")).to.contain(`conversion webhook for ${group}/v1, Kind=Hook${count} `);
      expect(at(json, "message")).to.contain(expected);
      const written = await api.send("POST", old, { metadata: { name: "c" } });
      expect(written.status).to.equal(500);
    });
  }

  it("that fails leaves other versions, other kinds and readiness alone, and is taken up when it works again", async () => {
    const { old, now } = await define();
    await api.send("POST", now, { metadata: { name: "a" }, spec: { address: "x" } });
    answer = () => ({ status: 500, text: "down" });
    const failed = await api.send("GET", old);
    expect(at(failed.json, "message")).to.contain("down");
    expect(failed.status).to.equal(500);
    expect((await api.send("GET", `${now}/a`)).status).to.equal(200);
    expect((await api.send("GET", "/readyz")).status).to.equal(200);
    answer = (review) => renameHost(review);
    const { json } = await api.send("GET", old);
    expect(at(json, "items", 0, "spec", "host")).to.equal("x");
  });

  it("by a webhook that nobody answers for is told as client-go tells it", async () => {
    const { old } = await define(1);
    const { status, json } = await api.send("POST", old, { metadata: { name: "a" } });
    expect(status).to.equal(500);
    expect(at(json, "message")).to.equal(
      `conversion webhook for ${group}/v1beta1, Kind=Hook${count} failed: Post "https://127.0.0.1:1/convert?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused`,
    );
    expect(json).not.to.have.property("reason");
  });

  it("goes on when the storage version changes, which is remembered", async () => {
    const { old, now, definition } = await define();
    await api.send("POST", now, { metadata: { name: "stable" }, spec: { address: "s" } });
    const versions = [version("v1beta1", "host", true), version("v1", "address", false)];
    await api.send("PATCH", definition, { spec: { versions } }, merge);
    await until(
      () => api.send("GET", definition),
      ({ json }) => JSON.stringify(at(json, "status", "storedVersions")) === '["v1","v1beta1"]',
    );
    await api.send("POST", now, { metadata: { name: "beta" }, spec: { address: "b" } });
    for (const [path, field] of [
      [old, "host"],
      [now, "address"],
    ] as const) {
      const { json } = await api.send("GET", path);
      expect((at(json, "items") as Json[]).map((item) => at(item, "spec", field))).to.deep.equal(["b", "s"]);
    }
    const dropped = [version("v1beta1", "host", true)];
    const refused = await api.send("PATCH", definition, { spec: { versions: dropped } }, merge);
    expect(at(refused.json, "message")).to.contain(
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions',
    );
    // A migration rewrites what is stored; then the old version can be forgotten.
    const { json } = await api.send("GET", `${definition}/status`);
    const status = { ...(at(json, "status") as object), storedVersions: ["v1beta1"] };
    expect((await api.send("PUT", `${definition}/status`, { ...json, status })).status).to.equal(200);
    expect((await api.send("PATCH", definition, { spec: { versions: dropped } }, merge)).status).to.equal(200);
  });
});
