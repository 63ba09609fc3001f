import { expect } from "chai";
import { at, openTestServer, type TestServer } from "./open-test-server.ts";

const containers = [{ name: "c", image: "i" }];
const ending = { metadata: {}, spec: { restartPolicy: "Never", containers } };
const backend = { service: { name: "s", port: { number: 80 } } };
const target = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };

interface Case {
  readonly says: string;
  /** The resource's path under its group. */
  readonly path: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
}

const pods = "/api/v1/namespaces/default/pods";
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const affinityAt = "spec.affinity";
const jobs = "/apis/batch/v1/namespaces/default/jobs";
const cronJobs = "/apis/batch/v1/namespaces/default/cronjobs";
const ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
const policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const autoscalers = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const priorities = "/apis/scheduling.k8s.io/v1/priorityclasses";
const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
const volumes = "/api/v1/persistentvolumes";
const classes = "/apis/storage.k8s.io/v1/storageclasses";
const quotas = "/api/v1/namespaces/default/resourcequotas";
const limitRanges = "/api/v1/namespaces/default/limitranges";
const nodes = "/api/v1/nodes";

const rule = (path: object) => ({ spec: { rules: [{ http: { paths: [path] } }] } });
const policy = (ingress: object) => ({ spec: { podSelector: {}, ingress: [ingress] } });
const cron = (spec: object) => ({
  spec: { schedule: "* * * * *", jobTemplate: { spec: { template: ending } }, ...spec },
});
const claim = (spec: object) => ({
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const volume = (spec: object) => ({
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/a" }, ...spec },
});
const pathAt = "spec.rules[0].http.paths[0]";

const refused: readonly Case[] = [
  {
    says: "a job whose pods never end",
    path: jobs,
    object: { spec: { template: { spec: { containers } } } },
    errors: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    says: "an indexed job without an end, and limits per index without indexes",
    path: jobs,
    object: { spec: { template: ending, completionMode: "Indexed", parallelism: -1, maxFailedIndexes: 1 } },
    errors: [
      "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
      "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
      "spec.completions: Required value: when completion mode is Indexed",
    ],
  },
  {
    says: "a job that claims another's label",
    path: jobs,
    object: {
      metadata: { name: "x" },
      spec: { template: { ...ending, metadata: { labels: { "job-name": "other" } } } },
    },
    errors: [/^spec\.template\.metadata\.labels\[job-name\]: Invalid value: .*: must be 'x'$/.source],
  },
  {
    says: "schedules that are none",
    path: cronJobs,
    object: cron({ schedule: "61 * *", timeZone: "Mars/Base" }),
    errors: [
      'spec.schedule: Invalid value: "61 * *": expected exactly 5 fields, found 3: [61 * *]',
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
    ],
  },
  {
    says: "minutes that no hour has",
    path: cronJobs,
    object: cron({ schedule: "61 * * * *", concurrencyPolicy: "Maybe" }),
    errors: [
      'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
  },
  {
    says: "an ingress that leads nowhere",
    path: ingresses,
    object: { spec: {} },
    errors: ["spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"],
  },
  {
    says: "paths of an ingress",
    path: ingresses,
    object: rule({ path: "a//b", pathType: "Prefix", backend: { service: { name: "s", port: {} } } }),
    errors: [
      `${pathAt}.path: Invalid value: "a//b": must be an absolute path`,
      `${pathAt}.path: Invalid value: "a//b": must not contain '//'`,
      `${pathAt}.backend: Required value: port name or number is required`,
    ],
  },
  {
    says: "hosts that are addresses",
    path: ingresses,
    object: { spec: { rules: [{ host: "10.0.0.1" }], defaultBackend: backend } },
    errors: ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  },
  {
    says: "peers and ports of a policy",
    path: policies,
    object: policy({
      from: [{}, { ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] }, podSelector: {} }],
      ports: [{ port: 80, endPort: 79 }, { endPort: 1 }],
    }),
    errors: [
      "spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`",
      "spec.ingress[0].ports[1].port: Required value: must be specified when `endPort` is specified",
      "spec.ingress[0].from[0]: Required value: must specify a peer",
      'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
      "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer",
    ],
  },
  {
    says: "a budget with two measures",
    path: budgets,
    object: { spec: { minAvailable: 1, maxUnavailable: "101%" } },
    errors: [
      'spec: Invalid value: {"minAvailable":1,"maxUnavailable":"101%"}: minAvailable and maxUnavailable cannot be both set',
      'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  },
  {
    says: "an autoscaler with bounds the wrong way round",
    path: autoscalers,
    object: { spec: { minReplicas: 3, maxReplicas: 2, scaleTargetRef: target, metrics: [{ type: "Pods" }] } },
    errors: [
      "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
      "spec.metrics[0].pods: Required value: must populate information for the given metric source",
    ],
  },
  {
    says: "priorities that are the system's",
    path: priorities,
    object: { value: 1_000_000_001 },
    errors: ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
  },
  {
    says: "a claim for nothing",
    path: claims,
    object: claim({ accessModes: [], resources: {} }),
    errors: [
      "spec.accessModes: Required value: at least 1 access mode is required",
      "spec.resources[storage]: Required value",
    ],
  },
  {
    says: "a volume that is nowhere",
    path: volumes,
    object: volume({ hostPath: undefined, capacity: { storage: "0" }, persistentVolumeReclaimPolicy: "Burn" }),
    errors: [
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
      "spec: Required value: must specify a volume type",
    ],
  },
  {
    says: "a storage class without a provisioner",
    path: classes,
    object: { reclaimPolicy: "Recycle" },
    errors: [
      "provisioner: Required value",
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
    ],
  },
  {
    says: "quotas of half a pod",
    path: quotas,
    object: { spec: { hard: { pods: "500m" }, scopes: ["BestEffort", "NotBestEffort"] } },
    errors: [
      'spec.hard[pods]: Invalid value: "500m": must be an integer',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ],
  },
  {
    says: "limits below requests",
    path: limitRanges,
    object: { spec: { limits: [{ type: "Pod", min: { cpu: "2" }, max: { cpu: "1" } }] } },
    errors: ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
  },
  {
    says: "affinities to nothing",
    path: pods,
    object: {
      spec: {
        containers,
        affinity: {
          nodeAffinity: {
            [required]: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: "a", operator: "In" },
                    { key: "a", operator: "Is" },
                  ],
                  matchFields: [{ key: "spec.x", operator: "In", values: ["y"] }],
                },
              ],
            },
          },
          podAffinity: { [required]: [{ topologyKey: "" }] },
        },
        topologySpreadConstraints: [
          { maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 },
        ],
      },
    },
    errors: [
      `${affinityAt}.nodeAffinity.${required}.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${affinityAt}.nodeAffinity.${required}.nodeSelectorTerms[0].matchExpressions[1].operator: Invalid value: "Is": not a valid selector operator`,
      `${affinityAt}.nodeAffinity.${required}.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "spec.x": not a valid field selector key`,
      `${affinityAt}.podAffinity.${required}[0].topologyKey: Required value: can not be empty`,
      "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
      "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
    ],
  },
  {
    says: "users and privileges that contradict",
    path: pods,
    object: {
      spec: {
        securityContext: { runAsUser: -1, seccompProfile: { type: "Localhost" } },
        containers: [{ ...containers[0], securityContext: { privileged: true, allowPrivilegeEscalation: false } }],
        ephemeralContainers: [{ name: "debug", image: "i" }],
      },
    },
    errors: [
      'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
      "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
      "spec.ephemeralContainers: Forbidden: cannot be set on create",
    ],
  },
  {
    says: "taints that stand twice or do nothing",
    path: nodes,
    object: {
      spec: {
        taints: [
          { key: "a", effect: "NoSchedule" },
          { key: "a", effect: "NoSchedule" },
          { key: "b", effect: "Nothing" },
        ],
      },
    },
    errors: [
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair',
      'spec.taints[2].effect: Unsupported value: "Nothing": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
    ],
  },
];

interface UpdateCase extends Case {
  readonly patch: object;
}

const updates: readonly UpdateCase[] = [
  {
    says: "a job's selector and template",
    path: jobs,
    object: { spec: { template: ending } },
    patch: { spec: { completions: 7, template: { metadata: { labels: { new: "label" } } } } },
    errors: [
      "spec.completions: Invalid value: 7: field is immutable",
      /^spec\.template: Invalid value: .*: field is immutable$/.source,
    ],
  },
  {
    says: "a storage class's parameters",
    path: classes,
    object: { provisioner: "a" },
    patch: { parameters: { a: "b" }, reclaimPolicy: "Retain" },
    errors: [
      "parameters: Forbidden: updates to parameters are forbidden.",
      'reclaimPolicy: Invalid value: "Retain": field is immutable',
    ],
  },
  {
    says: "a priority's value",
    path: priorities,
    object: { value: 1 },
    patch: { value: 2 },
    errors: ["value: Forbidden: may not be changed in an update."],
  },
  {
    says: "a claim that is not bound",
    path: claims,
    object: claim({}),
    patch: { spec: { resources: { requests: { storage: "2Gi" } } } },
    errors: [
      /^spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -\d+,7 \+\d+,7 @@\n/
        .source,
    ],
  },
  {
    says: "where a volume's data are",
    path: volumes,
    object: volume({}),
    patch: { spec: { hostPath: { path: "/b" } } },
    errors: ["spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"],
  },
];

describe("apiserver validation", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  function expectErrors(json: unknown, expected: readonly string[]): void {
    const causes = (at(json, "details", "causes") ?? []) as readonly { field: string; message: string }[];
    const found = causes.map(({ field, message }) => `${field}: ${message}`);
    expect(found, String(at(json, "message"))).to.have.length(expected.length);
    for (const [index, text] of expected.entries()) {
      if (text.startsWith("^")) expect(found[index]).to.match(new RegExp(text));
      else expect(found[index]).to.equal(text);
    }
  }

  for (const { says, path, object, errors } of refused) {
    it(`refuses ${says}`, async () => {
      const { status, json } = await api.send("POST", path, { metadata: { name: "refused" }, ...object });
      expectErrors(json, errors);
      expect(status).to.equal(422);
    });
  }

  for (const [index, { says, path, object, patch, errors }] of updates.entries()) {
    it(`keeps ${says}`, async () => {
      const name = `kept-${index}`;
      const created = await api.send("POST", path, { metadata: { name }, ...object });
      expect(created.status, String(at(created.json, "message"))).to.equal(201);
      const type = { "content-type": "application/merge-patch+json" };
      const { status, json } = await api.send("PATCH", `${path}/${name}`, patch, type);
      expectErrors(json, errors);
      expect(status).to.equal(422);
    });
  }

  const fine: readonly [string, object][] = [
    [jobs, { spec: { template: ending } }],
    [cronJobs, cron({ schedule: "*/5 1-3,9 ? jan-mar mon", timeZone: "Europe/Vienna" })],
    [cronJobs, cron({ schedule: "@every 1h30m" })],
    [ingresses, rule({ path: "/a", pathType: "Prefix", backend })],
    [policies, policy({ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] })],
    [budgets, { spec: { minAvailable: "50%", selector: { matchLabels: { a: "b" } } } }],
    [autoscalers, { spec: { maxReplicas: 3, scaleTargetRef: target } }],
    [volumes, volume({})],
    [claims, claim({ storageClassName: "" })],
    [quotas, { spec: { hard: { "requests.cpu": "500m", "count/jobs.batch": "3" } } }],
    [limitRanges, { spec: { limits: [{ type: "Container", min: { cpu: "1m" }, default: { cpu: "1" } }] } }],
  ];
  for (const [index, [path, object]] of fine.entries()) {
    it(`takes what is right: ${path.split("/").at(-1)} ${index}`, async () => {
      const { status, json } = await api.send("POST", path, { metadata: { name: `fine-${index}` }, ...object });
      expect(status, String(at(json, "message"))).to.equal(201);
    });
  }

  it("refuses a debugging container that is probed or looks at nothing", async () => {
    // The quotas and limits that other tests leave behind are not for this pod.
    const own = "/api/v1/namespaces/own";
    await api.send("POST", "/api/v1/namespaces", { metadata: { name: "own" } });
    await api.send("POST", `${own}/serviceaccounts`, { metadata: { name: "default" } });
    await api.send("POST", `${own}/pods`, { metadata: { name: "debugged" }, spec: { containers } });
    const { json } = await api.send("GET", `${own}/pods/debugged`);
    const debug = { name: "c", image: "i", targetContainerName: "none", ports: [{ containerPort: 80 }] };
    const body = { ...json, spec: { ...(at(json, "spec") as object), ephemeralContainers: [debug] } };
    const refusal = await api.send("PUT", `${own}/pods/debugged/ephemeralcontainers`, body);
    const path = "spec.ephemeralContainers[0]";
    expectErrors(refusal.json, [
      `${path}.name: Duplicate value: "c"`,
      `${path}.targetContainerName: Not found: "none"`,
      `${path}.ports: Forbidden: cannot be set for an Ephemeral Container`,
    ]);
  });

  it("lets a job select its own pods", async () => {
    const { json } = await api.send("POST", jobs, { metadata: { name: "own" }, spec: { template: ending } });
    const uid = at(json, "metadata", "uid");
    expect(at(json, "spec", "selector")).to.deep.equal({ matchLabels: { "batch.kubernetes.io/controller-uid": uid } });
    expect(at(json, "spec", "template", "metadata", "labels")).to.deep.equal({
      "batch.kubernetes.io/controller-uid": uid,
      "batch.kubernetes.io/job-name": "own",
      "controller-uid": uid,
      "job-name": "own",
    });
  });
});
