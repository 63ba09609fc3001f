import { expect } from "chai";
import { requestInfo } from "../../filters/request-info.ts";
import { mandatoryFlowSchemas } from "../bootstrap/mandatory-objects.ts";
import { suggestedFlowSchemas } from "../bootstrap/suggested-objects.ts";
import { compareSchemas, compileFlowSchema } from "./compile-flow-schema.ts";

const schemas = [...suggestedFlowSchemas, ...mandatoryFlowSchemas].map(compileFlowSchema).sort(compareSchemas);
const account = (namespace: string, name: string) => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
});
const node = { name: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
const scheduler = { name: "system:kube-scheduler", groups: ["system:authenticated"] };
const alice = { name: "alice", groups: ["system:authenticated"] };
const master = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const anonymous = { name: "system:anonymous", groups: ["system:unauthenticated"] };
const leases = "/apis/coordination.k8s.io/v1/namespaces";

describe("flow schemas", () => {
  const cases: [user: typeof node, method: string, target: string, schema: string, distinguisher: string][] = [
    [master, "GET", "/api/v1/pods", "exempt", ""],
    [anonymous, "GET", "/readyz", "probes", ""],
    [anonymous, "GET", "/readyz/etcd", "global-default", "system:anonymous"],
    [alice, "GET", "/api/v1/namespaces/n/pods", "global-default", "alice"],
    [node, "PUT", "/api/v1/nodes/n1/status", "system-node-high", node.name],
    [node, "PUT", `${leases}/kube-node-lease/leases/n1`, "system-node-high", node.name],
    [node, "GET", "/api/v1/pods", "system-nodes", node.name],
    [scheduler, "PUT", `${leases}/kube-system/leases/kube-scheduler`, "system-leader-election", scheduler.name],
    [scheduler, "GET", `${leases}/kube-system/leases`, "kube-scheduler", "kube-system"],
    [scheduler, "GET", "/api/v1/namespaces/n/pods", "kube-scheduler", "n"],
    [
      account("kube-system", "endpoint-controller"),
      "POST",
      "/api/v1/namespaces/n/endpoints",
      "endpoint-controller",
      "",
    ],
    [account("kube-system", "x"), "PUT", "/api/v1/namespaces/n/configmaps/lock", "workload-leader-election", ""],
    [account("kube-system", "x"), "GET", "/api/v1/namespaces/n/pods", "kube-system-service-accounts", "n"],
    [account("n", "builder"), "GET", "/api/v1/pods", "service-accounts", account("n", "builder").name],
  ];
  for (const [user, method, target, schema, distinguisher] of cases) {
    it(`${schema} matches ${method} ${target} of ${user.name}`, () => {
      const info = requestInfo(method, target, new URLSearchParams());
      const found = schemas.find((one) => one.forUser(user)?.(info));
      expect(found?.name).to.equal(schema);
      if (distinguisher) expect(found?.distinguisher(user, info)).to.equal(distinguisher);
    });
  }

  it("match paths by their beginnings, and cluster-scoped requests only when they say so", () => {
    const schema = compileFlowSchema({
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "FlowSchema",
      metadata: { name: "s" },
      spec: {
        matchingPrecedence: 5,
        priorityLevelConfiguration: { name: "p" },
        rules: [
          {
            subjects: [{ kind: "User", user: { name: "*" } }],
            resourceRules: [{ verbs: ["*"], apiGroups: [""], resources: ["pods"], namespaces: ["a", "b"] }],
            nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/logs/*"] }],
          },
        ],
      },
    });
    const ask = (path: string) => schema.forUser(alice)?.(requestInfo("GET", path, new URLSearchParams()));
    expect(
      ["/logs/a/b", "/logs", "/api/v1/namespaces/a/pods", "/api/v1/namespaces/c/pods", "/api/v1/pods"].map(ask),
    ).to.deep.equal([true, false, true, false, false]);
    expect(ask("/api/v1/namespaces/a/pods/p/log")).to.equal(false);
  });
});
