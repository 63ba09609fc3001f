import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBody } from "@tskube/client";
import { expect } from "chai";
import { type ApiProcess, startApiProcess } from "../../framework/api-process.ts";
import { eventually } from "../../framework/eventually.ts";
import { type Send, senderOver } from "../apiserver/open-test-server.ts";

const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:apiserver"]
- level: None
  nonResourceURLs: ["/healthz*", "/readyz*"]
- level: Metadata
  resources:
  - group: ""
    resources: [secrets]
- level: RequestResponse
  omitManagedFields: true
  resources:
  - group: ""
    resources: [configmaps, pods]
- level: Metadata
`;

interface Event {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** Collects what is posted to it. */
function startCollector(): Promise<{ readonly url: string; readonly lists: { items: Event[] }[]; close(): void }> {
  const lists: { items: Event[] }[] = [];
  const server: Server = createServer((request, response) => {
    void readBody(request, 1024 * 1024).then((body) => {
      lists.push(JSON.parse(body.toString()) as { items: Event[] });
      response.end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/events`, lists, close: () => void server.close() });
    });
  });
}

function webhookConfig(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "sink", cluster: { server } }],
    users: [{ name: "apiserver", user: {} }],
    contexts: [{ name: "sink", context: { cluster: "sink", user: "apiserver" } }],
    "current-context": "sink",
  });
}

describe("audit log of an apiserver", function () {
  this.timeout(60_000);
  let api: ApiProcess;
  let send: Send;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  const directory = mkdtempSync(join(tmpdir(), "tskube-audit-"));
  const log = join(directory, "logs", "audit.log");

  before(async () => {
    collector = await startCollector();
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    api = await startApiProcess([
      `--audit-policy-file=${file("policy.yaml", policy)}`,
      `--audit-log-path=${log}`,
      `--audit-webhook-config-file=${file("webhook.json", webhookConfig(collector.url))}`,
      "--audit-webhook-batch-max-wait=60s",
    ]);
    send = senderOver(await api.transport());
    await send("POST", "/api/v1/namespaces", { metadata: { name: "audited" } });
  });
  after(async () => {
    await api.stop();
    collector.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const events = (): Event[] =>
    readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Event);

  /** Sends a request and returns its events, once the last is there. */
  async function audited(...[method, path, body, headers]: Parameters<Send>): Promise<Event[]> {
    const id = `test-${method}-${Math.floor(performance.now() * 1000)}`;
    const answer = await send(method, path, body, { ...headers, "audit-id": id });
    expect(answer.headers["audit-id"]).to.equal(id);
    return eventually(async () => {
      const found = events().filter(({ auditID }) => auditID === id);
      if (!found.some(({ stage }) => stage !== "ResponseStarted")) throw new Error("not recorded yet");
      return found;
    });
  }

  const configMap = (name: string) => ({ metadata: { name }, data: { key: "value" } });
  const configMaps = "/api/v1/namespaces/audited/configmaps";

  it("holds who asked for what, from where, and what came of it", async () => {
    const [event, ...more] = await audited("POST", configMaps, configMap("first"), { "user-agent": "test/1" });
    expect(more).to.deep.equal([]);
    const { requestObject, responseObject, requestReceivedTimestamp, stageTimestamp, user, ...rest } = event as Event;
    expect(rest).to.deep.include({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: "RequestResponse",
      stage: "ResponseComplete",
      requestURI: configMaps,
      verb: "create",
      sourceIPs: ["127.0.0.1"],
      userAgent: "test/1",
      objectRef: {
        resource: "configmaps",
        namespace: "audited",
        name: "first",
        apiVersion: "v1",
      },
      responseStatus: { metadata: {}, code: 201 },
      annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
    });
    expect(user).to.deep.include({
      username: "kubernetes-admin",
      groups: ["system:masters", "system:authenticated"],
    });
    expect(requestObject).to.deep.include({ kind: "ConfigMap", apiVersion: "v1", data: { key: "value" } });
    expect(responseObject).to.have.nested.property("metadata.uid");
    expect(responseObject).to.not.have.nested.property("metadata.managedFields");
    for (const time of [requestReceivedTimestamp, stageTimestamp]) expect(time).to.match(/\.\d{6}Z$/);
  });

  it("holds no bodies of what the policy wants metadata of", async () => {
    const secret = { metadata: { name: "s" }, data: { password: "aHVzaA==" } };
    const [event] = await audited("POST", "/api/v1/namespaces/audited/secrets", secret);
    expect(event).to.include({ level: "Metadata" });
    expect(JSON.stringify(event)).to.not.include("aHVzaA");
    expect(readFileSync(log, "utf8")).to.not.include("aHVzaA");
  });

  it("holds patches as they were sent, and lists and tables as they are answered", async () => {
    await audited("POST", configMaps, configMap("patched"));
    const [patch] = await audited("PATCH", `${configMaps}/patched`, '{"data":\n{"key": "new"}}', {
      "content-type": "application/merge-patch+json",
    });
    expect(patch?.["requestObject"]).to.deep.equal({ data: { key: "new" } });
    expect(patch?.["responseObject"]).to.have.nested.property("data.key", "new");
    const [list] = await audited("GET", configMaps);
    expect(list?.["responseObject"]).to.have.property("kind", "ConfigMapList");
    const [table] = await audited("GET", configMaps, undefined, {
      accept: "application/json;as=Table;g=meta.k8s.io;v=v1",
    });
    expect(table?.["responseObject"]).to.have.property("kind", "Table");
    const [protobuf] = await audited("GET", `${configMaps}/patched`, undefined, {
      accept: "application/vnd.kubernetes.protobuf",
    });
    expect(protobuf?.["responseObject"]).to.have.property("kind", "ConfigMap");
  });

  it("holds the Status of what was refused, and why", async () => {
    const [missing] = await audited("GET", `${configMaps}/none`);
    expect(missing?.["responseStatus"]).to.deep.include({ status: "Failure", reason: "NotFound", code: 404 });
    expect(missing?.["responseObject"]).to.have.property("kind", "Status");
    const [forbidden] = await audited("GET", configMaps, undefined, { "impersonate-user": "ann" });
    expect(forbidden).to.deep.include({
      impersonatedUser: { username: "ann", groups: ["system:authenticated"] },
    });
    expect(forbidden?.["annotations"]).to.include({ "authorization.k8s.io/decision": "forbid" });
    expect(forbidden?.["responseStatus"]).to.deep.include({ reason: "Forbidden", code: 403 });
  });

  it("holds the start and the end of a watch", async () => {
    const found = await audited("GET", `${configMaps}?watch=true&timeoutSeconds=1`);
    expect(found.map(({ stage, verb }) => [stage, verb])).to.deep.equal([
      ["ResponseStarted", "watch"],
      ["ResponseComplete", "watch"],
    ]);
  });

  it("holds what pod security made of a pod", async () => {
    const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } };
    const path = "/api/v1/namespaces/audited";
    await send("POST", `${path}/serviceaccounts`, { metadata: { name: "default" } });
    const [event] = await audited("POST", `${path}/pods`, pod);
    expect(event?.["annotations"]).to.include({
      "pod-security.kubernetes.io/enforce-policy": "privileged:latest",
    });
  });

  it("holds what policies made of an object", async () => {
    const root = "/apis/admissionregistration.k8s.io/v1";
    await send("POST", `${root}/validatingadmissionpolicies`, {
      metadata: { name: "watched" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        },
        validations: [{ expression: "false", message: "never" }],
        auditAnnotations: [{ key: "name", valueExpression: "string(object.metadata.name)" }],
      },
    });
    await send("POST", `${root}/validatingadmissionpolicybindings`, {
      metadata: { name: "watched" },
      spec: { policyName: "watched", validationActions: ["Audit"] },
    });
    const annotations = await eventually(async () => {
      const [event] = await audited("POST", `${configMaps}?dryRun=All`, configMap("judged"));
      const found = event?.["annotations"] as Record<string, string>;
      if (!found["watched/name"]) throw new Error("the policy is not followed yet");
      return found;
    });
    expect(annotations["watched/name"]).to.equal("judged");
    const key = "validation.policy.admission.k8s.io/validation_failure";
    expect(JSON.parse(annotations[key] ?? "[]")).to.deep.equal([
      {
        message: "never",
        policy: "watched",
        binding: "watched",
        expressionIndex: 0,
        validationActions: ["Audit"],
      },
    ]);
  });

  it("holds what else is known of a request: deprecated resources, and the names of issued tokens", async () => {
    const [deprecated] = await audited("GET", "/api/v1/namespaces/audited/endpoints");
    expect(deprecated?.["annotations"]).to.include({ "k8s.io/deprecated": "true" });
    const [token] = await audited("POST", "/api/v1/namespaces/audited/serviceaccounts/default/token", { spec: {} });
    expect(token?.["annotations"]).to.have.property("authentication.kubernetes.io/issued-credential-id").match(/^JTI=/);
    expect(token).to.include({ level: "Metadata" });
  });

  it("holds requests whose credentials are wrong, without a user", async () => {
    const config = await api.config();
    const { httpsTransport } = await import("@tskube/client");
    const { systemClock } = await import("@tskube/base");
    const tls = { ca: config.tls().ca as string };
    const transport = httpsTransport({ server: api.server, tls: () => tls, clock: systemClock });
    const stranger = senderOver(transport);
    const answer = await stranger("GET", "/api/v1/nodes", undefined, {
      authorization: "Bearer wrong",
      "audit-id": "stranger",
    });
    transport.close();
    expect(answer.status).to.equal(401);
    const event = events().find(({ auditID }) => auditID === "stranger");
    expect(event).to.deep.include({ stage: "ResponseStarted", user: {}, verb: "list" });
    expect(event?.["responseStatus"]).to.deep.include({ reason: "Unauthorized", code: 401 });
  });

  it("has its counters", async () => {
    const metrics = (await send("GET", "/metrics")).bytes.toString();
    expect(metrics).to.match(/^apiserver_audit_event_total [1-9]/m);
    expect(metrics).to.match(/^apiserver_audit_level_total\{level="RequestResponse"\} [1-9]/m);
  });

  it("goes to the webhook too, what waits when the server ends", async () => {
    await audited("POST", configMaps, configMap("last"));
    expect(collector.lists.flatMap(({ items }) => items)).to.deep.equal([]);
    await api.stop();
    const sent = collector.lists.flatMap(({ items }) => items).map(({ auditID, stage }) => `${auditID} ${stage}`);
    expect(sent).to.include.members(events().map(({ auditID, stage }) => `${auditID} ${stage}`));
    expect(collector.lists[0]).to.deep.include({ kind: "EventList", apiVersion: "audit.k8s.io/v1" });
  });
});
