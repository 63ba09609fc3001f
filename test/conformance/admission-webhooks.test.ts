import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import {
  configurationOf,
  type Hook,
  mergePatch,
  registration,
  ruleFor,
  withWebhooks,
} from "../integration/admission/configure.ts";
import {
  type AdmissionReview,
  AdmissionWebhooks,
  patched,
  refused,
  serviceName,
} from "../integration/admission/webhook-server.ts";
import { at, type Json } from "../integration/apiserver/open-test-server.ts";
import { definitions, establish, until } from "../integration/crd/establish.ts";
import { succeed } from "./check-operations.ts";
import { type Api, openApi } from "./open-api.ts";

const unwanted = "webhook-disallow";
const unwantedLabel = { "webhook-e2e-test": unwanted };
const slowMs = 1_200;

const answers = {
  "/always-deny": () => refused("this webhook denies all requests"),
  "/slow": async () => {
    await new Promise((resolve) => setTimeout(resolve, slowMs));
    return {};
  },
  "/pods": ({ request }: AdmissionReview) => {
    const isNamed = request.object?.spec?.containers?.some(({ name }) => name.includes(unwanted));
    const isLabelled = request.object?.metadata.labels?.["webhook-e2e-test"] === unwanted;
    const complaints = [
      isLabelled && "the pod contains unwanted label;",
      isNamed && "the pod contains unwanted container name;",
    ];
    return complaints.some(Boolean) ? refused(complaints.filter(Boolean).join(" ")) : {};
  },
  "/configmaps": ({ request }: AdmissionReview) =>
    request.object?.data?.["webhook-e2e-test"] === unwanted
      ? refused("the configmap contains unwanted key and value")
      : {},
  "/attach": ({ request }: AdmissionReview) =>
    request.name === "to-be-attached-pod" ? refused("attaching to pod 'to-be-attached-pod' is not allowed") : {},
  "/mutating-data-1": ({ request }: AdmissionReview) => stage(request, "mutation-start", "mutation-stage-1"),
  "/mutating-data-2": ({ request }: AdmissionReview) => stage(request, "mutation-stage-1", "mutation-stage-2"),
  "/mutating-pods": () =>
    patched({
      op: "add",
      path: "/spec/initContainers",
      value: [{ name: "webhook-added-init-container", image: "webhook-added-image", resources: {} }],
    }),
  "/custom-resource": ({ request }: AdmissionReview) => {
    const isUnwanted = (request.object ?? request.oldObject)?.data?.["webhook-e2e-test"] === unwanted;
    if (!isUnwanted) return {};
    return refused(
      request.operation === "DELETE"
        ? "the custom resource cannot be deleted because it contains unwanted key and value"
        : "the custom resource contains unwanted data",
    );
  },
  "/crd": ({ request }: AdmissionReview) =>
    request.object?.metadata.labels?.["webhook-e2e-test"] === unwanted
      ? refused("the crd contains unwanted label")
      : {},
  "/add-label": () => patched({ op: "add", path: "/metadata/labels", value: { "added-label": "yes" } }),
};

function stage({ object }: AdmissionReview["request"], from: string, to: string) {
  return object?.data?.[from] === "yes" ? patched({ op: "add", path: `/data/${to}`, value: "yes" }) : {};
}

describe("conformance: admission webhooks", function () {
  this.timeout(30_000);
  let api: Api;
  let webhooks: AdmissionWebhooks;
  let namespaces = 0;

  before(async () => {
    webhooks = await AdmissionWebhooks.open(answers);
    api = await openApi();
    const spec = { type: "ExternalName", externalName: "localhost", ports: [{ port: webhooks.port }] };
    const made = await api.send("POST", `/api/v1/namespaces/${serviceName.namespace}/services`, {
      metadata: { name: serviceName.name },
      spec,
    });
    expect(made.status, made.bytes.toString()).to.equal(201);
  });
  after(async () => {
    await api?.send("DELETE", `/api/v1/namespaces/${serviceName.namespace}/services/${serviceName.name}`);
    await api?.close();
    webhooks?.close();
  });

  /** A namespace of its own, and the selector that keeps webhooks in it. */
  async function place() {
    const name = `e2e-webhook-${++namespaces}`;
    await api.namespace(name);
    const labels = { [name]: "true" };
    await succeed(api, 200, "PATCH", `/api/v1/namespaces/${name}`, { metadata: { labels } }, mergePatch);
    const core = (resource: string) => `/api/v1/namespaces/${name}/${resource}`;
    return { name, core, namespaceSelector: { matchLabels: labels } };
  }

  const configMap = (name: string, data: Readonly<Record<string, string>> = {}) => ({ metadata: { name }, data });
  const pod = (name: string, container = "c", labels = {}) => ({
    metadata: { name, labels },
    spec: { containers: [{ name: container, image: "i" }] },
  });

  async function refusal(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<string> {
    const answer = await api.send(method, path, body, headers);
    expect(answer.status, answer.bytes.toString()).to.be.at.least(400);
    return String(at(answer.json, "message"));
  }

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in discovery documents [Conformance]", async () => {
    const groups = at(await succeed(api, 200, "GET", "/apis"), "groups") as { name: string; versions: Json[] }[];
    const group = groups.find(({ name }) => name === "admissionregistration.k8s.io");
    expect(group?.versions.map((version) => at(version, "version"))).to.include("v1");
    const own = await succeed(api, 200, "GET", "/apis/admissionregistration.k8s.io");
    expect(at(own, "preferredVersion", "version")).to.equal("v1");
    const resources = at(await succeed(api, 200, "GET", registration), "resources") as { name: string }[];
    expect(resources.map(({ name }) => name)).to.include.members([
      "mutatingwebhookconfigurations",
      "validatingwebhookconfigurations",
    ]);
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and configmap creation [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const hooks: Hook[] = [
      { clientConfig: webhooks.service("/pods"), rules: [ruleFor("pods")], namespaceSelector },
      {
        clientConfig: webhooks.service("/configmaps"),
        rules: [ruleFor("configmaps", "CREATE", "UPDATE")],
        namespaceSelector,
      },
    ];
    await withWebhooks(api.send, "validating", configurationOf("e2e-deny", ...hooks), async () => {
      const labelled = await refusal("POST", core("pods"), pod("disallowed-pod", unwanted, unwantedLabel));
      expect(labelled).to.equal(
        'admission webhook "e2e-deny-0.k8s.io" denied the request: the pod contains unwanted label; the pod contains unwanted container name;',
      );
      const unwantedMap = configMap("disallowed-configmap", unwantedLabel);
      expect(await refusal("POST", core("configmaps"), unwantedMap)).to.contain("unwanted key and value");
      await succeed(api, 201, "POST", core("configmaps"), configMap("allowed-configmap", { admit: "this" }));
      const path = `${core("configmaps")}/allowed-configmap`;
      const present = await succeed(api, 200, "GET", path);
      expect(await refusal("PUT", path, { ...present, data: unwantedLabel })).to.contain("unwanted key and value");
      const patch = { data: unwantedLabel };
      expect(await refusal("PATCH", path, patch, mergePatch)).to.contain("unwanted key and value");
      await api.namespace("e2e-skipped-namespace");
      await succeed(api, 201, "POST", "/api/v1/namespaces/e2e-skipped-namespace/configmaps", unwantedMap);
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny attaching pod [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const rule = { ...ruleFor("pods", "CONNECT"), resources: ["pods/attach"] };
    const hook = { clientConfig: webhooks.url("/attach"), rules: [rule], namespaceSelector };
    await withWebhooks(api.send, "validating", configurationOf("e2e-attach", hook), async () => {
      await succeed(api, 201, "POST", core("pods"), pod("to-be-attached-pod"));
      const path = `${core("pods")}/to-be-attached-pod/attach?stdin=true&stdout=true&container=c`;
      expect(await refusal("POST", path)).to.equal(
        "admission webhook \"e2e-attach-0.k8s.io\" denied the request: attaching to pod 'to-be-attached-pod' is not allowed",
      );
    });
  });

  const group = "stable.e2e.example.com";
  const definition = (plural: string, versions: readonly object[], labels = {}) => ({
    metadata: { name: `${plural}.${group}`, labels },
    spec: { group, scope: "Namespaced", names: { plural, kind: `E2e${plural}` }, versions },
  });
  const schema = (properties?: object) => ({
    openAPIV3Schema: {
      type: "object",
      properties: {
        data: { type: "object", ...(properties ? { properties } : { additionalProperties: { type: "string" } }) },
      },
    },
  });
  const served = (name: string, storage: boolean, properties?: object) => ({
    name,
    served: true,
    storage,
    schema: schema(properties),
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource creation, update and deletion [Conformance]", async () => {
    const { name, namespaceSelector } = await place();
    await establish(api, definition("deniables", [served("v1", true)]));
    const path = `/apis/${group}/v1/namespaces/${name}/deniables`;
    const rules = [ruleFor(`deniables.${group}`, "CREATE", "UPDATE", "DELETE")];
    const hook = { clientConfig: webhooks.url("/custom-resource"), rules, namespaceSelector };
    await withWebhooks(api.send, "validating", configurationOf("e2e-custom", hook), async () => {
      expect(await refusal("POST", path, configMap("denied", unwantedLabel))).to.contain("contains unwanted data");
      await succeed(api, 201, "POST", path, configMap("allowed", { "webhook-e2e-test": "webhook-allow" }));
      const change = (data: object) => [`${path}/allowed`, { data }, mergePatch] as const;
      expect(await refusal("PATCH", ...change(unwantedLabel))).to.contain("contains unwanted data");
    });
    const change = (value: string) => ({ data: { "webhook-e2e-test": value } });
    await succeed(api, 200, "PATCH", `${path}/allowed`, change(unwanted), mergePatch);
    await withWebhooks(api.send, "validating", configurationOf("e2e-custom-delete", hook), async () => {
      expect(await refusal("DELETE", `${path}/allowed`)).to.contain("cannot be deleted");
      await succeed(api, 200, "PATCH", `${path}/allowed`, change("webhook-allow"), mergePatch);
      await succeed(api, 200, "DELETE", `${path}/allowed`);
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject operations on fail closed webhook [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const hook = {
      clientConfig: { url: "https://127.0.0.1:1/none", caBundle: webhooks.caBundle },
      rules: [ruleFor("configmaps")],
      failurePolicy: "Fail",
      namespaceSelector,
    };
    await withWebhooks(api.send, "validating", configurationOf("e2e-closed", hook), async () => {
      const answer = await api.send("POST", core("configmaps"), configMap("foo"));
      expect(answer.json).to.deep.include({ code: 500, reason: "InternalError" });
      expect(at(answer.json, "message")).to.equal(
        'Internal error occurred: failed calling webhook "e2e-closed-0.k8s.io": failed to call webhook: Post "https://127.0.0.1:1/none?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
      );
    });
  });

  const stages: Hook["rules"] = [ruleFor("configmaps")];

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const hooks = ["/mutating-data-1", "/mutating-data-2"].map((path) => ({
      clientConfig: webhooks.service(path),
      rules: stages,
      namespaceSelector,
    }));
    await withWebhooks(api.send, "mutating", configurationOf("e2e-mutate", ...hooks), async () => {
      const made = await succeed(
        api,
        201,
        "POST",
        core("configmaps"),
        configMap("to-be-mutated", { "mutation-start": "yes" }),
      );
      expect(at(made, "data")).to.deep.equal({
        "mutation-start": "yes",
        "mutation-stage-1": "yes",
        "mutation-stage-2": "yes",
      });
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults after mutation [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const hook = { clientConfig: webhooks.url("/mutating-pods"), rules: [ruleFor("pods")], namespaceSelector };
    await withWebhooks(api.send, "mutating", configurationOf("e2e-mutate-pod", hook), async () => {
      const made = await succeed(api, 201, "POST", core("pods"), pod("webhook-to-be-mutated"));
      const container = at(made, "spec", "initContainers", 0);
      expect(container).to.include({ name: "webhook-added-init-container" });
      expect(container).to.include({ terminationMessagePolicy: "File", imagePullPolicy: "Always" });
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or prevent deletion of webhook configuration objects [Conformance]", async () => {
    const configurations = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
    const rules = [
      { operations: ["*"], apiGroups: ["admissionregistration.k8s.io"], apiVersions: ["*"], resources: configurations },
    ];
    const deny = configurationOf("e2e-deny-configurations", { clientConfig: webhooks.url("/always-deny"), rules });
    const label = configurationOf("e2e-label-configurations", { clientConfig: webhooks.url("/add-label"), rules });
    await withWebhooks(api.send, "validating", deny, () =>
      withWebhooks(api.send, "mutating", label, async () => {
        for (const resource of configurations) {
          const hook = { clientConfig: webhooks.url("/none"), rules: [ruleFor("invalids")], failurePolicy: "Ignore" };
          const body = configurationOf("e2e-dummy", hook);
          const made = await succeed(api, 201, "POST", `${registration}/${resource}`, body);
          expect(at(made, "metadata", "labels")).to.equal(undefined);
          await succeed(api, 200, "DELETE", `${registration}/${resource}/e2e-dummy`);
        }
      }),
    );
  });

  const added = (data: object, ...names: readonly string[]) => ({
    ...data,
    ...Object.fromEntries(names.map((name) => [name, "yes"])),
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource [Conformance]", async () => {
    const { name, namespaceSelector } = await place();
    await establish(api, definition("mutables", [served("v1", true)]));
    const hooks = ["/mutating-data-1", "/mutating-data-2"].map((path) => ({
      clientConfig: webhooks.url(path),
      rules: [ruleFor(`mutables.${group}`, "CREATE", "UPDATE")],
      namespaceSelector,
    }));
    const data = { "mutation-start": "yes" };
    await withWebhooks(api.send, "mutating", configurationOf("e2e-mutate-custom", ...hooks), async () => {
      const made = await succeed(
        api,
        201,
        "POST",
        `/apis/${group}/v1/namespaces/${name}/mutables`,
        configMap("cr", data),
      );
      expect(at(made, "data")).to.deep.equal(added(data, "mutation-stage-1", "mutation-stage-2"));
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with different stored version [Conformance]", async () => {
    const { name, namespaceSelector } = await place();
    const versions = (stored: string) => [served("v1", stored === "v1"), served("v2", stored === "v2")];
    await establish(api, definition("versioneds", versions("v1")));
    const hook = {
      clientConfig: webhooks.url("/mutating-data-1"),
      rules: [ruleFor(`versioneds.${group}`, "CREATE", "UPDATE")],
      namespaceSelector,
    };
    const data = { "mutation-start": "yes" };
    const path = (version: string) => `/apis/${group}/${version}/namespaces/${name}/versioneds`;
    await withWebhooks(api.send, "mutating", configurationOf("e2e-mutate-versions", hook), async () => {
      await succeed(api, 201, "POST", path("v1"), configMap("cr", data));
      const change = { spec: { versions: versions("v2") } };
      await succeed(api, 200, "PATCH", `${definitions}/versioneds.${group}`, change, mergePatch);
      const label = { metadata: { labels: { changed: "yes" } } };
      const patchedObject = await until(
        () => api.send("PATCH", `${path("v1")}/cr`, label, mergePatch),
        ({ status }) => status === 200,
      );
      expect(at(patchedObject.json, "data")).to.deep.equal(added(data, "mutation-stage-1"));
      // The rule names v1: a write in v2 is shown in v1 all the same.
      const other = await succeed(api, 201, "POST", path("v2"), configMap("other", data));
      expect(other).to.deep.include({ apiVersion: `${group}/v2`, data: added(data, "mutation-stage-1") });
      const review = webhooks.asked.findLast((one) => one.path === "/mutating-data-1")?.review;
      expect(review?.request.object?.apiVersion).to.equal(`${group}/v1`);
      expect([review?.request.kind.version, review?.request.requestKind.version]).to.deep.equal(["v1", "v2"]);
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with pruning [Conformance]", async () => {
    const { name, namespaceSelector } = await place();
    const text = { type: "string" };
    const known = { "mutation-start": text, "mutation-stage-1": text };
    await establish(api, definition("prunables", [served("v1", true, known)]));
    const hooks = ["/mutating-data-1", "/mutating-data-2"].map((path) => ({
      clientConfig: webhooks.url(path),
      rules: [ruleFor(`prunables.${group}`)],
      namespaceSelector,
    }));
    const data = { "mutation-start": "yes" };
    await withWebhooks(api.send, "mutating", configurationOf("e2e-mutate-pruning", ...hooks), async () => {
      const made = await succeed(
        api,
        201,
        "POST",
        `/apis/${group}/v1/namespaces/${name}/prunables`,
        configMap("cr", data),
      );
      expect(at(made, "data")).to.deep.equal(added(data, "mutation-stage-1"));
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation [Conformance]", async () => {
    const rules = [ruleFor("customresourcedefinitions.apiextensions.k8s.io")];
    const hook = { clientConfig: webhooks.url("/crd"), rules, objectSelector: { matchLabels: unwantedLabel } };
    await withWebhooks(api.send, "validating", configurationOf("e2e-crd", hook), async () => {
      const denied = definition("unwanteds", [served("v1", true)], unwantedLabel);
      expect(await refusal("POST", definitions, denied)).to.contain("the crd contains unwanted label");
    });
  });

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const attempt = async (name: string, more: object) => {
      const hook = { clientConfig: webhooks.url("/slow"), rules: [ruleFor("configmaps")], namespaceSelector, ...more };
      return withWebhooks(api.send, "validating", configurationOf(`e2e-${name}`, hook), () =>
        api.send("POST", core("configmaps"), configMap(name)),
      );
    };
    const late = await attempt("late", { timeoutSeconds: 1, failurePolicy: "Fail" });
    expect(late.status).to.equal(500);
    expect(at(late.json, "message")).to.contain("/slow?timeout=1s").and.to.contain("context deadline exceeded");
    expect((await attempt("ignored", { timeoutSeconds: 1, failurePolicy: "Ignore" })).status).to.equal(201);
    expect((await attempt("awaited", { timeoutSeconds: 10, failurePolicy: "Fail" })).status).to.equal(201);
    expect((await attempt("default", { failurePolicy: "Fail" })).status).to.equal(201);
  });

  for (const kind of ["validating", "mutating"] as const) {
    const path = `${registration}/${kind}webhookconfigurations`;
    const titles = {
      change: `[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a ${kind} webhook should work [Conformance]`,
      list: `[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] listing ${kind} webhooks should work [Conformance]`,
      conditions: `[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update ${kind} webhook configurations with match conditions [Conformance]`,
      invalid: `[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should reject ${kind} webhook configurations with invalid match conditions [Conformance]`,
    };
    const hookPath = kind === "validating" ? "/configmaps" : "/mutating-data-1";
    const body = kind === "validating" ? unwantedLabel : { "mutation-start": "yes" };
    const acts = async (core: (resource: string) => string, name: string) => {
      const answer = await api.send("POST", core("configmaps"), configMap(name, body));
      return kind === "validating" ? answer.status >= 400 : at(answer.json, "data", "mutation-stage-1") === "yes";
    };
    /** A configuration acts a moment after it was written: the server watches them like everybody else. */
    const becomes = (expected: boolean, core: (resource: string) => string, name: string) => {
      let tries = 0;
      return eventually(async () => expect(await acts(core, `${name}-${tries++}`)).to.equal(expected));
    };

    it(titles.change, async () => {
      const { core, namespaceSelector } = await place();
      const hook = { clientConfig: webhooks.url(hookPath), rules: [ruleFor("configmaps")], namespaceSelector };
      const configuration = configurationOf(`e2e-change-${kind}`, hook);
      const own = `${path}/${configuration.metadata.name}`;
      await withWebhooks(api.send, kind, configuration, async () => {
        await becomes(true, core, "first");
        const present = await succeed(api, 200, "GET", own);
        const [webhook] = at(present, "webhooks") as Json[];
        const rules = (operation: string) => [ruleFor("configmaps", operation)];
        await succeed(api, 200, "PUT", own, { ...present, webhooks: [{ ...webhook, rules: rules("UPDATE") }] });
        await becomes(false, core, "second");
        const change = [{ op: "replace", path: "/webhooks/0/rules/0/operations/0", value: "CREATE" }];
        await succeed(api, 200, "PATCH", own, change, { "content-type": "application/json-patch+json" });
        await becomes(true, core, "third");
      });
    });

    it(titles.list, async () => {
      const { core, namespaceSelector } = await place();
      const label = `e2e-list-${kind}`;
      const hook = { clientConfig: webhooks.url(hookPath), rules: [ruleFor("configmaps")], namespaceSelector };
      for (const index of [0, 1, 2]) {
        const { metadata, ...rest } = configurationOf(`${label}-${index}`, hook);
        await succeed(api, 201, "POST", path, { metadata: { ...metadata, labels: { [label]: "true" } }, ...rest });
      }
      expect(at(await succeed(api, 200, "GET", `${path}?labelSelector=${label}`), "items")).to.have.length(3);
      await becomes(true, core, "first");
      await succeed(api, 200, "DELETE", `${path}?labelSelector=${label}`);
      await becomes(false, core, "second");
    });

    it(titles.conditions, async () => {
      const matchConditions = [{ name: "expression-1", expression: "object.metadata.namespace == 'production'" }];
      const hook = { clientConfig: webhooks.url(hookPath), rules: [ruleFor("invalids")], matchConditions };
      const configuration = configurationOf(`e2e-conditions-${kind}`, hook);
      await withWebhooks(api.send, kind, configuration, async () => {
        const own = `${path}/${configuration.metadata.name}`;
        const present = await succeed(api, 200, "GET", own);
        expect(at(present, "webhooks", 0, "matchConditions")).to.deep.equal(matchConditions);
        const [webhook] = at(present, "webhooks") as Json[];
        const more = [
          ...matchConditions,
          { name: "expression-2", expression: "object.metadata.namespace == 'staging'" },
        ];
        await succeed(api, 200, "PUT", own, { ...present, webhooks: [{ ...webhook, matchConditions: more }] });
        const changed = await succeed(api, 200, "GET", own);
        expect(at(changed, "webhooks", 0, "matchConditions")).to.deep.equal(more);
      });
    });

    it(titles.invalid, async () => {
      const matchConditions = [{ name: "invalid-expression-1", expression: "... [] bad expression" }];
      const hook = { clientConfig: webhooks.url(hookPath), rules: [ruleFor("invalids")], matchConditions };
      const message = await refusal("POST", path, configurationOf(`e2e-invalid-${kind}`, hook));
      expect(message).to.contain("compilation failed");
    });
  }

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except 'skip-me' configmaps [Conformance]", async () => {
    const { core, namespaceSelector } = await place();
    const matchConditions = [
      { name: "skip-me", expression: "!(request.operation == 'CREATE' && object.metadata.name == 'skip-me')" },
    ];
    const hook = {
      clientConfig: webhooks.url("/mutating-data-1"),
      rules: [ruleFor("configmaps")],
      namespaceSelector,
      matchConditions,
    };
    await withWebhooks(api.send, "mutating", configurationOf("e2e-skip", hook), async () => {
      const data = { "mutation-start": "yes" };
      const skipped = await succeed(api, 201, "POST", core("configmaps"), configMap("skip-me", data));
      expect(at(skipped, "data")).to.deep.equal(data);
      const changed = await succeed(api, 201, "POST", core("configmaps"), configMap("mutate-me", data));
      expect(at(changed, "data")).to.deep.equal(added(data, "mutation-stage-1"));
    });
  });
});
