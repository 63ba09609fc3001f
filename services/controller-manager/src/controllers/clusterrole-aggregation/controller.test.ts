import { controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { clusterRoleAggregation } from "./controller.ts";

describe("the aggregation of cluster roles", () => {
  const labels = { "rbac.example.com/aggregate-to-view": "true" };
  const rule = (resource: string) => ({ apiGroups: [""], resources: [resource], verbs: ["get"] });

  it("gathers the rules of the chosen roles, each once, and follows them", async () => {
    const t = controllerTest();
    t.api.seed("ClusterRole", {
      metadata: { name: "view" },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
      rules: [],
    });
    t.api.seed("ClusterRole", { metadata: { name: "b", labels }, rules: [rule("pods"), rule("nodes")] });
    t.api.seed("ClusterRole", { metadata: { name: "a", labels }, rules: [rule("pods")] });
    t.api.seed("ClusterRole", { metadata: { name: "other" }, rules: [rule("secrets")] });
    await t.start(clusterRoleAggregation);
    const rules = async () => (await t.deps.client.clusterroles().get("view")).rules;
    expect(await rules()).to.deep.equal([rule("pods"), rule("nodes")]);
    t.api.change("ClusterRole", "b", (role) => {
      role.rules = [];
    });
    await t.settle();
    expect(await rules()).to.deep.equal([rule("pods")]);
    await t.stop();
  });
});
