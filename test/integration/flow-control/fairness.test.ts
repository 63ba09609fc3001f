import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../apiserver/eventually.ts";
import { at } from "../apiserver/open-test-server.ts";
import {
  makeServerKit,
  type RunningServer,
  type ServerKit,
  type UserRequests,
} from "../apiserver-lifecycle/run-server.ts";

const group = "/apis/flowcontrol.apiserver.k8s.io/v1";
const maps = "/api/v1/namespaces/default/configmaps";
const apiVersion = "flowcontrol.apiserver.k8s.io/v1";

describe("API priority and fairness", function () {
  this.timeout(30_000);
  let kit: ServerKit;
  let server: RunningServer;
  let alice: UserRequests;
  let bob: UserRequests;

  before(async () => {
    kit = await makeServerKit();
    const limits = ["--max-requests-inflight=20", "--max-mutating-requests-inflight=10"];
    server = await kit.start(`--store-dir=${join(kit.directory, "store")}`, ...limits);
    [alice, bob] = await Promise.all([server.as("CN=alice"), server.as("CN=bob")]);
    const binding = {
      metadata: { name: "users-edit" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
      subjects: ["alice", "bob"].map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name })),
    };
    await server.send("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding);
    await eventually(async () => expect((await alice.send("GET", maps)).status).to.equal(200));
  });
  after(async () => {
    await server?.stop();
    kit?.remove();
  });

  const get = async (path: string) => JSON.parse((await server.send("GET", path)).text) as object;
  const level = (limitResponse: object) => ({
    apiVersion,
    kind: "PriorityLevelConfiguration",
    metadata: { name: "tiny" },
    // One of the thirty seats, and none of others.
    spec: { type: "Limited", limited: { nominalConcurrencyShares: 1, borrowingLimitPercent: 0, limitResponse } },
  });
  const setLevel = async (limitResponse: object) => {
    await server.send("DELETE", `${group}/prioritylevelconfigurations/tiny`);
    const { status } = await server.send("POST", `${group}/prioritylevelconfigurations`, level(limitResponse));
    expect(status).to.equal(201);
    const { metadata } = (await get(`${group}/prioritylevelconfigurations/tiny`)) as { metadata: { uid: string } };
    await eventually(async () => {
      const { headers } = await alice.send("GET", maps);
      expect(headers["x-kubernetes-pf-prioritylevel-uid"]).to.equal(metadata.uid);
    });
  };
  const aMap = (name: string) => ({ metadata: { name } });

  it("has its own objects, which say that the server keeps them and that their levels exist", async () => {
    const schemas = at(await get(`${group}/flowschemas`), "items") as object[];
    const levels = at(await get(`${group}/prioritylevelconfigurations`), "items") as object[];
    const nameOf = (object: object) => at(object, "metadata", "name");
    expect(schemas.map(nameOf)).to.have.members([
      "catch-all",
      "endpoint-controller",
      "exempt",
      "global-default",
      "kube-controller-manager",
      "kube-scheduler",
      "kube-system-service-accounts",
      "probes",
      "service-accounts",
      "system-leader-election",
      "system-node-high",
      "system-nodes",
      "workload-leader-election",
    ]);
    expect(levels.map(nameOf)).to.have.members([
      "catch-all",
      "exempt",
      "global-default",
      "leader-election",
      "node-high",
      "system",
      "workload-high",
      "workload-low",
    ]);
    for (const object of [...schemas, ...levels]) {
      expect(at(object, "metadata", "annotations", "apf.kubernetes.io/autoupdate-spec")).to.equal("true");
    }
    await eventually(async () => {
      for (const schema of at(await get(`${group}/flowschemas`), "items") as object[]) {
        expect(at(schema, "status", "conditions", 0)).to.include({
          type: "Dangling",
          status: "False",
          reason: "Found",
        });
      }
    });
  });

  it("shows schemas in the order in which they are tried", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const { text } = await server.send("GET", `${group}/flowschemas`, undefined, { accept });
    const rows = at(JSON.parse(text), "rows") as { cells: unknown[] }[];
    expect(rows.slice(0, 3).map(({ cells }) => cells.slice(0, 4))).to.deep.equal([
      ["exempt", "exempt", 1, "<none>"],
      ["probes", "exempt", 2, "<none>"],
      ["system-leader-election", "leader-election", 100, "ByUser"],
    ]);
    expect(rows.at(-1)?.cells.slice(0, 4)).to.deep.equal(["catch-all", "catch-all", 10_000, "ByUser"]);
  });

  it("brings its own objects back, and leaves those alone that an operator has taken over", async () => {
    const path = `${group}/flowschemas/global-default`;
    const before = (await get(path)) as { metadata: object; spec: object };
    const annotations = { "apf.kubernetes.io/autoupdate-spec": "false" };
    const changed = {
      ...before,
      metadata: { ...before.metadata, annotations },
      spec: { ...before.spec, matchingPrecedence: 9_950 },
    };
    expect((await server.send("PUT", path, changed)).status).to.equal(200);
    expect(at(await get(path), "spec", "matchingPrecedence")).to.equal(9_950);
  });

  const invalid: [what: string, path: string, object: object, message: string][] = [
    [
      "the fixed spec",
      `${group}/prioritylevelconfigurations/catch-all`,
      {
        kind: "PriorityLevelConfiguration",
        metadata: { name: "catch-all" },
        spec: { type: "Limited", limited: { nominalConcurrencyShares: 6, limitResponse: { type: "Reject" } } },
      },
      "spec of 'catch-all' must equal the fixed value",
    ],
    [
      "a second exempt level",
      `${group}/prioritylevelconfigurations`,
      { metadata: { name: "free" }, spec: { type: "Exempt", exempt: {} } },
      "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io \"free\" is invalid: spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'",
    ],
    [
      "hands larger than the deck",
      `${group}/prioritylevelconfigurations`,
      {
        metadata: { name: "p" },
        spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 4, handSize: 9 } } } },
      },
      "spec.limited.limitResponse.queuing.handSize: Invalid value: 9: should not be greater than queues (4)",
    ],
    [
      "a hand that a hash cannot tell",
      `${group}/prioritylevelconfigurations`,
      {
        metadata: { name: "p" },
        spec: {
          type: "Limited",
          limited: { limitResponse: { type: "Queue", queuing: { queues: 1024, handSize: 7 } } },
        },
      },
      "required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60",
    ],
    [
      "the first place",
      `${group}/flowschemas`,
      { metadata: { name: "f" }, spec: { matchingPrecedence: 1, priorityLevelConfiguration: { name: "exempt" } } },
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [
      "rules without anything",
      `${group}/flowschemas`,
      { metadata: { name: "f" }, spec: { priorityLevelConfiguration: { name: "" }, rules: [{ subjects: [] }] } },
      "[spec.priorityLevelConfiguration.name: Required value: must reference a priority level, spec.rules[0].subjects: Required value: subjects must contain at least one value, spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty]",
    ],
    [
      "subjects of two kinds",
      `${group}/flowschemas`,
      {
        metadata: { name: "f" },
        spec: {
          priorityLevelConfiguration: { name: "p" },
          rules: [
            {
              subjects: [{ kind: "User", user: { name: "" }, group: { name: "g" } }, { kind: "ServiceAccount" }],
              nonResourceRules: [{ verbs: ["get", "*"], nonResourceURLs: ["a*"] }],
            },
          ],
        },
      },
      "[spec.rules[0].subjects[0].user.name: Required value, spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group', spec.rules[0].subjects[1].serviceAccount: Required value: serviceAccount is required when subject kind is 'ServiceAccount', spec.rules[0].nonResourceRules[0].verbs: Invalid value: [\"get\",\"*\"]: if '*' is present, must not specify other verbs, spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"a*\": must start with slash]",
    ],
  ];
  for (const [what, path, object, message] of invalid) {
    it(`refuses ${what}`, async () => {
      const method = path.endsWith("catch-all") ? "PUT" : "POST";
      const { status, text } = await server.send(method, path, { apiVersion, ...object });
      expect(status, text).to.equal(422);
      expect(at(JSON.parse(text), "message")).to.contain(message);
    });
  }

  it("tells in every answer's head by what it was ruled", async () => {
    const { headers } = await bob.send("GET", maps);
    const schema = await get(`${group}/flowschemas/global-default`);
    const global = await get(`${group}/prioritylevelconfigurations/global-default`);
    expect(headers["x-kubernetes-pf-flowschema-uid"]).to.equal(at(schema, "metadata", "uid"));
    expect(headers["x-kubernetes-pf-prioritylevel-uid"]).to.equal(at(global, "metadata", "uid"));
  });

  describe("for a user with a schema and a level of its own", () => {
    before(async () => {
      const schema = {
        apiVersion,
        kind: "FlowSchema",
        metadata: { name: "alice" },
        spec: {
          matchingPrecedence: 50,
          priorityLevelConfiguration: { name: "tiny" },
          rules: [
            {
              subjects: [{ kind: "User", user: { name: "alice" } }],
              resourceRules: [
                { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true },
              ],
            },
          ],
        },
      };
      expect((await server.send("POST", `${group}/flowschemas`, schema)).status).to.equal(201);
    });

    it("says that the level does not exist yet, and takes the next schema meanwhile", async () => {
      await eventually(async () => {
        const dangling = at(await get(`${group}/flowschemas/alice`), "status", "conditions", 0);
        expect(dangling).to.include({ type: "Dangling", status: "True", reason: "NotFound" });
      });
      expect((await alice.send("GET", maps)).status).to.equal(200);
    });

    it("sends requests away that find no seat, while others go on", async () => {
      await setLevel({ type: "Reject" });
      const slow = alice.begin("POST", maps);
      await eventually(async () => {
        const refused = await alice.send("GET", maps);
        expect(refused.status).to.equal(429);
        expect(refused.headers["retry-after"]).to.equal("1");
        expect(JSON.parse(refused.text)).to.deep.include({
          reason: "TooManyRequests",
          message: "Too many requests, please try again later.",
          details: { retryAfterSeconds: 1 },
        });
      });
      expect((await bob.send("GET", maps)).status).to.equal(200);
      expect((await server.send("GET", maps)).status).to.equal(200);
      expect((await slow.finish(aMap("slow"))).status).to.equal(201);
      expect((await alice.send("GET", maps)).status).to.equal(200);
    });

    it("lets requests wait for a seat, and shows them", async () => {
      await setLevel({ type: "Queue", queuing: { queues: 2, handSize: 1, queueLengthLimit: 1 } });
      const slow = alice.begin("POST", maps);
      await eventually(async () =>
        expect(await dump("dump_priority_levels")).to.match(/\ntiny, +1, +false, +false, +0, +1,/),
      );
      const waiting = alice.send("GET", maps);
      await eventually(async () =>
        expect(await dump("dump_priority_levels")).to.match(/\ntiny, +1, +false, +false, +1, +1,/),
      );
      expect(await dump("dump_queues")).to.match(/\ntiny, +\d, +1, +1, +1, +[\d.]+ss, +1, +1, +0.00300000ss\n/);
      const requests = await dump("dump_requests?includeRequestDetails=1");
      expect(requests).to.match(
        /^PriorityLevelName, FlowSchemaName, QueueIndex, RequestIndexInQueue, FlowDistingsher, /,
      );
      expect(requests).to.match(
        /\ntiny, +alice, +\d, +0, .*alice, +list, +\/api\/v1\/namespaces\/default\/configmaps, +default, /,
      );
      // One waits already.
      expect((await alice.send("GET", maps)).status).to.equal(429);
      slow.cut();
      expect((await waiting).status).to.equal(200);
    });

    it("does not count a watch once it stands", async () => {
      await setLevel({ type: "Reject" });
      const stop = new AbortController();
      const watch = alice.watch(`${maps}?watch=1&resourceVersion=0`, stop.signal);
      await watch.next();
      expect((await alice.send("GET", maps)).status).to.equal(200);
      stop.abort();
      await watch.next().catch(() => {});
    });

    it("shows its figures as metrics", async () => {
      const { text } = await server.send("GET", "/metrics");
      const flow = 'priority_level="tiny",flow_schema="alice"';
      expect(text).to.match(
        new RegExp(`apiserver_flowcontrol_rejected_requests_total{${flow},reason="concurrency-limit"} [1-9]`),
      );
      expect(text).to.match(new RegExp(`apiserver_flowcontrol_dispatched_requests_total{${flow}} [1-9]`));
      expect(text).to.match(
        new RegExp(`apiserver_flowcontrol_request_wait_duration_seconds_count{${flow},execute="true"} [1-9]`),
      );
      expect(text).to.match(
        new RegExp(`apiserver_flowcontrol_request_execution_seconds_bucket{le="30",${flow},type="regular"} [1-9]`),
      );
      expect(text).to.contain('apiserver_current_inflight_requests{request_kind="readOnly"} 1\n');
      expect(text).to.match(new RegExp(`apiserver_flowcontrol_work_estimated_seats_count{${flow}} [1-9]`));
      expect(text).to.match(
        new RegExp(`apiserver_flowcontrol_request_queue_length_after_enqueue_count{${flow}} [1-9]`),
      );
      expect(text).to.match(/apiserver_flowcontrol_nominal_limit_seats{priority_level="tiny"} 1\n/);
      expect(text).to.match(
        /apiserver_flowcontrol_current_executing_requests{priority_level="exempt",flow_schema="exempt"} 1\n/,
      );
    });

    const dump = async (name: string) => (await server.send("GET", `/debug/api_priority_and_fairness/${name}`)).text;
  });
});
