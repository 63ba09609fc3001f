import { expect } from "chai";
import {
  clusterBinding,
  clusterRole,
  group,
  namespacedBinding,
  namespacedRole,
  rule,
  serviceAccount,
  urls,
  user,
} from "../../bootstrap/policy/build.ts";
import { ask, userNamed } from "../testing/ask.ts";
import { BindingIndex } from "./binding-index.ts";

const ann = userNamed("ann", "devs");
const pods = rule("get list", "core", "pods");

function indexWith(fill: (index: BindingIndex) => void): BindingIndex {
  const index = new BindingIndex();
  fill(index);
  return index;
}

function allows(index: BindingIndex, ...question: Parameters<typeof ask>): boolean {
  return index.decide(ask(...question)).allowed;
}

describe("BindingIndex", () => {
  const cases: readonly [string, ReturnType<typeof rule>, string, boolean][] = [
    ["a verb that is granted", pods, "get pods dev/a", true],
    ["a verb that is not granted", pods, "delete pods dev/a", false],
    ["a resource of another group", pods, "get pods.metrics.k8s.io dev/a", false],
    ["a subresource that is not named", pods, "get pods/log dev/a", false],
    ["a subresource by name", rule("get", "core", "pods/log"), "get pods/log dev/a", true],
    ["every resource, subresources included", rule("*", "*", "*"), "update pods/status dev/a", true],
    ["a subresource of every resource", rule("get", "*", "*/scale"), "get deployments/scale.apps dev/a", true],
    [
      "the resource itself by a rule for its subresource",
      rule("get", "*", "*/scale"),
      "get deployments.apps dev/a",
      false,
    ],
    ["an object by its name", rule("get", "core", "secrets", ["db"]), "get secrets dev/db", true],
    ["another object than the named", rule("get", "core", "secrets", ["db"]), "get secrets dev/other", false],
    ["a list by a rule for one name", rule("list", "core", "secrets", ["db"]), "list secrets dev", false],
    ["a path", urls("get", "/metrics"), "get /metrics", true],
    ["a path below a prefix", urls("get", "/healthz/*"), "get /healthz/etcd", true],
    ["a path by a rule for resources", rule("*", "*", "*"), "get /metrics", false],
  ];
  for (const [what, granted, question, expected] of cases) {
    it(`${expected ? "allows" : "does not allow"} ${what}`, () => {
      const index = indexWith((it) => {
        it.setRole(clusterRole("r", [granted]));
        it.setBinding(clusterBinding("r", [user("ann")]));
      });
      expect(allows(index, ann, question)).to.equal(expected);
    });
  }

  it("allows a list that is about the named object alone", () => {
    const index = indexWith((it) => {
      it.setRole(clusterRole("r", [rule("watch", "core", "secrets", ["db"])]));
      it.setBinding(clusterBinding("r", [user("ann")]));
    });
    expect(allows(index, ann, "watch secrets dev/db")).to.equal(true);
    expect(allows(index, ann, "watch secrets dev")).to.equal(false);
  });

  it("grants a cluster role in the namespace of a role binding only", () => {
    const index = indexWith((it) => {
      it.setRole(clusterRole("view", [pods]));
      const binding = namespacedBinding("dev", "view", [group("devs")]);
      it.setBinding({ ...binding, roleRef: { ...binding.roleRef, kind: "ClusterRole" } });
    });
    expect(allows(index, ann, "get pods dev/a")).to.equal(true);
    expect(allows(index, ann, "get pods prod/a")).to.equal(false);
    expect(allows(index, ann, "list pods")).to.equal(false);
  });

  it("knows service accounts by their user names, with the binding's namespace as default", () => {
    const index = indexWith((it) => {
      it.setRole(namespacedRole("dev", "r", [pods]));
      it.setBinding(
        namespacedBinding("dev", "r", [{ kind: "ServiceAccount", name: "ci" }, serviceAccount("ops", "bot")]),
      );
    });
    expect(allows(index, userNamed("system:serviceaccount:dev:ci"), "get pods dev/a")).to.equal(true);
    expect(allows(index, userNamed("system:serviceaccount:ops:bot"), "get pods dev/a")).to.equal(true);
    expect(allows(index, userNamed("system:serviceaccount:ops:ci"), "get pods dev/a")).to.equal(false);
  });

  it("follows changes of roles and bindings", () => {
    const index = new BindingIndex();
    const binding = clusterBinding("r", [user("ann")]);
    index.setBinding(binding);
    expect(index.decide(ask(ann, "get pods dev/a"))).to.deep.equal({
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "r" not found',
    });
    index.setRole(clusterRole("r", [pods]));
    expect(index.decide(ask(ann, "get pods dev/a"))).to.deep.equal({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "r" of ClusterRole "r" to User "ann"',
    });
    index.setBinding({ ...binding, subjects: [user("bob")] });
    expect(allows(index, ann, "get pods dev/a")).to.equal(false);
    expect(allows(index, userNamed("bob"), "get pods dev/a")).to.equal(true);
    index.removeRole(clusterRole("r", []));
    expect(allows(index, userNamed("bob"), "get pods dev/a")).to.equal(false);
    index.setRole(clusterRole("r", [pods]));
    index.removeBinding(binding);
    expect(allows(index, userNamed("bob"), "get pods dev/a")).to.equal(false);
  });
});
