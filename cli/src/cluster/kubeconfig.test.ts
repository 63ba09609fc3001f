import { expect } from "chai";
import { componentKubeconfig, mergeKubeconfig, withoutCluster } from "./kubeconfig.ts";

const ours = componentKubeconfig("tskube", "https://172.30.0.2:6443", "/pki", "admin");
const other = componentKubeconfig("work", "https://example.test", "/elsewhere", "me");

describe("kubeconfig", () => {
  it("is merged beside what a user has, and becomes the current context", () => {
    const merged = mergeKubeconfig(other, ours);
    expect(merged.contexts.map(({ name }) => name)).to.deep.equal(["work", "tskube"]);
    expect(merged["current-context"]).to.equal("tskube");
  });

  it("replaces its own former entries", () => {
    const again = componentKubeconfig("tskube", "https://172.30.1.2:6443", "/pki", "admin");
    const merged = mergeKubeconfig(mergeKubeconfig(other, ours), again);
    expect(merged.clusters.map(({ cluster }) => cluster.server)).to.deep.equal([
      "https://example.test",
      "https://172.30.1.2:6443",
    ]);
  });

  it("keeps fields it does not know", () => {
    const merged = mergeKubeconfig({ ...other, preferences: { colors: true } } as typeof other, ours);
    expect(merged).to.have.property("preferences").that.deep.equals({ colors: true });
  });

  it("leaves only the others' entries once removed", () => {
    expect(withoutCluster(mergeKubeconfig(other, ours), "tskube")).to.deep.equal({ ...other, "current-context": "" });
  });
});
