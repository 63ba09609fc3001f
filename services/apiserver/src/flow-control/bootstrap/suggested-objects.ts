import type { FlowSchema, flowcontrolV1, PriorityLevelConfiguration } from "@tskube/api";
import {
  everything,
  flowSchema,
  groups,
  priorityLevel,
  resourceRule,
  systemServiceAccounts,
  users,
} from "./builders.ts";

interface Shares {
  readonly shares: number;
  readonly lendable: number;
  readonly queues: number;
  readonly handSize: number;
}

function queued(name: string, { shares, lendable, queues, handSize }: Shares): PriorityLevelConfiguration {
  return priorityLevel(name, {
    type: "Limited",
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent: lendable,
      limitResponse: { type: "Queue", queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  });
}

/** The levels that a new cluster has besides the mandatory ones. */
export const suggestedPriorityLevels: readonly PriorityLevelConfiguration[] = [
  queued("system", { shares: 30, lendable: 33, queues: 64, handSize: 6 }),
  queued("node-high", { shares: 40, lendable: 25, queues: 64, handSize: 6 }),
  queued("leader-election", { shares: 10, lendable: 0, queues: 16, handSize: 4 }),
  queued("workload-high", { shares: 40, lendable: 50, queues: 128, handSize: 6 }),
  queued("workload-low", { shares: 100, lendable: 90, queues: 128, handSize: 6 }),
  queued("global-default", { shares: 20, lendable: 50, queues: 128, handSize: 6 }),
];

const controllerManager = "system:kube-controller-manager";
const scheduler = "system:kube-scheduler";
const everyNamespace = { namespaces: ["*"] };
const lockVerbs = ["get", "create", "update"];
const leases = resourceRule(lockVerbs, "coordination.k8s.io", ["leases"], everyNamespace);
const oldLocks = (scope: { readonly namespaces: readonly string[] }) =>
  resourceRule(lockVerbs, "", ["endpoints", "configmaps"], scope);

const only = (
  subjects: flowcontrolV1.Subject[],
  ...resourceRules: flowcontrolV1.ResourcePolicyRule[]
): flowcontrolV1.PolicyRulesWithSubjects => ({ subjects, resourceRules });

/** The schemas that a new cluster has besides the mandatory ones. */
export const suggestedFlowSchemas: readonly FlowSchema[] = [
  flowSchema("system-nodes", {
    level: "system",
    precedence: 500,
    distinguisher: "ByUser",
    rules: [everything(groups("system:nodes"))],
  }),
  flowSchema("system-node-high", {
    level: "node-high",
    precedence: 400,
    distinguisher: "ByUser",
    rules: [
      only(
        groups("system:nodes"),
        resourceRule(["*"], "", ["nodes", "nodes/status"], { namespaces: ["*"], isClusterScoped: true }),
        resourceRule(["*"], "coordination.k8s.io", ["leases"], everyNamespace),
      ),
    ],
  }),
  flowSchema("probes", {
    level: "exempt",
    precedence: 2,
    rules: [
      {
        subjects: groups("system:unauthenticated", "system:authenticated"),
        nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
      },
    ],
  }),
  flowSchema("system-leader-election", {
    level: "leader-election",
    precedence: 100,
    distinguisher: "ByUser",
    rules: [
      only(
        [...users(controllerManager, scheduler), ...systemServiceAccounts("*")],
        oldLocks({ namespaces: ["kube-system"] }),
        leases,
      ),
    ],
  }),
  // Before the leader elections below, which would take these for locks.
  flowSchema("endpoint-controller", {
    level: "workload-high",
    precedence: 150,
    distinguisher: "ByUser",
    rules: [
      only(
        [
          ...users(controllerManager),
          ...systemServiceAccounts("endpoint-controller", "endpointslicemirroring-controller"),
        ],
        resourceRule(lockVerbs, "", ["endpoints"], everyNamespace),
      ),
    ],
  }),
  flowSchema("workload-leader-election", {
    level: "leader-election",
    precedence: 200,
    distinguisher: "ByUser",
    rules: [only(systemServiceAccounts("*"), oldLocks(everyNamespace), leases)],
  }),
  flowSchema("kube-controller-manager", {
    level: "workload-high",
    precedence: 800,
    distinguisher: "ByNamespace",
    rules: [everything(users(controllerManager))],
  }),
  flowSchema("kube-scheduler", {
    level: "workload-high",
    precedence: 800,
    distinguisher: "ByNamespace",
    rules: [everything(users(scheduler))],
  }),
  flowSchema("kube-system-service-accounts", {
    level: "workload-high",
    precedence: 900,
    distinguisher: "ByNamespace",
    rules: [everything(systemServiceAccounts("*"))],
  }),
  flowSchema("service-accounts", {
    level: "workload-low",
    precedence: 9_000,
    distinguisher: "ByUser",
    rules: [everything(groups("system:serviceaccounts"))],
  }),
  flowSchema("global-default", {
    level: "global-default",
    precedence: 9_900,
    distinguisher: "ByUser",
    rules: [everything(groups("system:unauthenticated", "system:authenticated"))],
  }),
];
