import type { KubeObject } from "@tskube/api";
import { createMetrics } from "@tskube/base";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import type { WebhookCall } from "../../webhook-client/index.ts";
import type { FindVersions } from "../served-version.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import type { WebhookDeps } from "./ask-webhook.ts";
import { mutatingWebhooks } from "./mutating-webhooks.ts";
import { validatingWebhooks } from "./validating-webhooks.ts";
import { createWebhookMetrics } from "./webhook-metrics.ts";

const group = "admissionregistration.k8s.io";
const same = (one: KubeObject) => one;
const findVersions: FindVersions = ({ resource }) =>
  ["v2", "v1"].map((version) => ({
    group: "",
    version,
    resource,
    kind: "Pod",
    show: (one) => ({ ...one, apiVersion: version }),
    restore: same,
    read: (value) => value as KubeObject,
  }));

interface Review {
  readonly apiVersion: string;
  readonly request: { readonly uid: string; readonly object: KubeObject; readonly kind: { readonly version: string } };
}
type Answer = (review: Review, call: WebhookCall) => object | Promise<object>;

function webhookDeps(objects: FakeObjects, answer: Answer): WebhookDeps {
  const post = async (call: WebhookCall) => {
    const review = JSON.parse(call.body) as Review;
    const response = { uid: review.request.uid, allowed: true, ...(await answer(review, call)) };
    return JSON.stringify({ kind: "AdmissionReview", apiVersion: review.apiVersion, response });
  };
  return {
    ...depsWith(objects),
    findVersions,
    client: { post, close: () => {} },
    metrics: createWebhookMetrics(createMetrics({ processFigures: false })),
  };
}

const rules = [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }];

function webhook(name: string, more: object = {}) {
  const clientConfig = { url: `https://hooks.test/${name}` };
  return { name, clientConfig, rules, sideEffects: "None", admissionReviewVersions: ["v1"], ...more };
}

function configured(kind: "Mutating" | "Validating", ...webhooks: object[]): FakeObjects {
  const configuration = object(`${kind}WebhookConfiguration`, "config", { webhooks }, "");
  const namespace = object("Namespace", "dev", {}, "");
  namespace.metadata.labels = { team: "a" };
  const resource = `${kind.toLowerCase()}webhookconfigurations.${group}`;
  return new FakeObjects().put(resource, configuration).put("namespaces", namespace);
}

const patchOf = (...operations: object[]) => ({
  patchType: "JSONPatch",
  patch: Buffer.from(JSON.stringify(operations)).toString("base64"),
});

const requested = { group: "", version: "v2" };

async function judged(
  more: object,
  answer: Answer,
  attributes = write("pods", podOf(), { requested }),
): Promise<string> {
  return admit(validatingWebhooks(webhookDeps(configured("Validating", webhook("w", more)), answer)), attributes);
}

function deferred() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const no = () => ({ allowed: false });

describe("validating webhooks", () => {
  it("refuse in the webhook's words", async () => {
    expect(await judged({}, () => ({ allowed: false, status: { message: "not here", code: 403 } }))).to.equal(
      'admission webhook "w" denied the request: not here',
    );
    expect(await judged({}, no)).to.equal('admission webhook "w" denied the request without explanation');
  });

  it("are asked only about what their rules, selectors and conditions name", async () => {
    const passes: Record<string, object> = {
      operation: { rules: [{ ...rules[0], operations: ["DELETE"] }] },
      subresource: { rules: [{ ...rules[0], resources: ["pods/status"] }] },
      scope: { rules: [{ ...rules[0], scope: "Cluster" }] },
      "exact version": { matchPolicy: "Exact" },
      namespace: { namespaceSelector: { matchLabels: { team: "b" } } },
      object: { objectSelector: { matchLabels: { app: "x" } } },
      "false condition": { matchConditions: [{ name: "c", expression: "object.metadata.name == 'other'" }] },
    };
    for (const [what, more] of Object.entries(passes)) expect(await judged(more, no), what).to.equal("");
    const held = { matchConditions: [{ name: "c", expression: "request.userInfo.username == 'ann'" }] };
    expect(await judged({ ...held, namespaceSelector: { matchLabels: { team: "a" } } }, no)).to.include("denied");
  });

  it("see the object in the version that their rules name", async () => {
    const seen: string[] = [];
    await judged({}, ({ request }) => {
      seen.push(request.kind.version, request.object.apiVersion);
      return {};
    });
    expect(seen).to.deep.equal(["v1", "v1"]);
  });

  it("that fail refuse, or are passed over if they are to be", async () => {
    const broken = () => {
      throw new Error("no route");
    };
    expect(await judged({}, broken)).to.equal(
      'Internal error occurred: failed calling webhook "w": failed to call webhook: no route',
    );
    const attributes = write("pods", podOf());
    expect(await judged({ failurePolicy: "Ignore" }, broken, attributes)).to.equal("");
    expect(attributes.notes).to.deep.equal({
      "failed-open.validating.webhook.admission.k8s.io/round_0_index_0": "w",
    });
    expect(await judged({}, () => ({ uid: "other" }))).to.include("expected response.uid");
  });

  it("with conditions that cannot be evaluated refuse without being asked", async () => {
    const more = { matchConditions: [{ name: "c", expression: "object.absent == 1" }] };
    const wording = "expression 'object.absent == 1' resulted in error: no such key: absent";
    expect(await judged(more, () => ({}))).to.equal(`pods "web" is forbidden: ${wording}`);
    expect(await judged({ ...more, failurePolicy: "Ignore" }, no)).to.equal("");
    const conditions = [...more.matchConditions, { name: "d", expression: "false" }];
    expect(await judged({ matchConditions: conditions }, no), "one that is false decides").to.equal("");
  });

  it("with side effects are no part of a dry run", async () => {
    const attributes = write("pods", podOf(), { dryRun: true });
    expect(await judged({ sideEffects: "Some" }, () => ({}), attributes)).to.equal(
      'admission webhook "w" does not support dry run',
    );
    expect(await judged({ sideEffects: "NoneOnDryRun" }, () => ({}), attributes)).to.equal("");
  });

  it("warn, and write to the audit log under their names", async () => {
    const attributes = write("pods", podOf());
    await judged({}, () => ({ warnings: ["old"], auditAnnotations: { k: "v" } }), attributes);
    expect(attributes.warnings).to.deep.equal(["old"]);
    expect(attributes.notes).to.deep.equal({ "w/k": "v" });
  });

  it("are asked at the same time", async () => {
    let waiting = 0;
    const both = deferred();
    const objects = configured("Validating", webhook("a"), webhook("b"));
    const plugin = validatingWebhooks(
      webhookDeps(objects, async () => {
        if (++waiting === 2) both.resolve();
        await both.promise;
        return {};
      }),
    );
    expect(await admit(plugin, write("pods", podOf()))).to.equal("");
  });

  it("never judge what configures them", () => {
    const plugin = validatingWebhooks(webhookDeps(configured("Validating", webhook("w")), no));
    expect(plugin.handles(write(`validatingwebhookconfigurations.${group}`, undefined))).to.equal(false);
  });
});

describe("mutating webhooks", () => {
  const label = (name: string) => patchOf({ op: "add", path: "/metadata/labels", value: { [name]: "yes" } });

  it("change the object by patches and leave notes of it", async () => {
    const attributes = write("pods", podOf());
    await admit(mutatingWebhooks(webhookDeps(configured("Mutating", webhook("w")), () => label("a"))), attributes);
    expect(attributes.object?.metadata.labels).to.deep.equal({ a: "yes" });
    expect(attributes.notes["mutation.webhook.admission.k8s.io/round_0_index_0"]).to.equal(
      '{"configuration":"config","webhook":"w","mutated":true}',
    );
  });

  it("look again when others changed the object after them, if they want to", async () => {
    const asked: string[] = [];
    const objects = configured("Mutating", webhook("a", { reinvocationPolicy: "IfNeeded" }), webhook("b"));
    const plugin = mutatingWebhooks(
      webhookDeps(objects, (_review, { config }) => {
        const { pathname } = new URL(config.url ?? "");
        asked.push(pathname);
        return pathname === "/b" ? label("b") : {};
      }),
    );
    const attributes = write("pods", podOf());
    const { signal } = new AbortController();
    await plugin.admit?.(attributes, signal);
    expect(plugin.wantsReinvocation?.(attributes)).to.equal(true);
    await plugin.admit?.(attributes, signal);
    expect(asked).to.deep.equal(["/a", "/b", "/a"]);
  });

  it("cannot patch what has no object", async () => {
    const attributes = write("pods", undefined, { operation: "DELETE", oldObject: podOf(), namespace: "dev" });
    const plugin = mutatingWebhooks(webhookDeps(configured("Mutating", webhook("w")), () => label("a")));
    expect(await admit(plugin, attributes)).to.include("attempted to modify the object");
  });
});
