import { expect } from "chai";
import { aDeployment, aReplicaSet } from "../../testing/objects.ts";
import { maxReplicasAnnotation } from "./annotations.ts";
import { groupSets } from "./replica-sets.ts";
import { newSetReplicas, planRollingUpdate, planScaling, type Scaling } from "./scaling.ts";

const said = (scalings: readonly Scaling[]) => scalings.map(({ set, replicas }) => `${set.metadata.name} ${replicas}`);

describe("the plan of a rolling update", () => {
  const deployment = aDeployment();

  it("creates the new set with what fits under the surge", () => {
    expect(newSetReplicas(deployment, [aReplicaSet("old", 4)], 0)).to.equal(1);
    expect(newSetReplicas(aDeployment({ strategy: { type: "Recreate" } }), [], 0)).to.equal(4);
  });

  it("shrinks old sets as far as enough stay available, then grows the new one", () => {
    const [old, fresh] = [aReplicaSet("old", 4), aReplicaSet("new", 1, { status: { replicas: 1 } })];
    expect(said(planRollingUpdate(deployment, groupSets(fresh, [old, fresh])))).to.deep.equal(["old 3"]);
    const less = aReplicaSet("old", 3);
    expect(said(planRollingUpdate(deployment, groupSets(fresh, [less, fresh])))).to.deep.equal(["new 2"]);
  });

  it("takes pods that are not available from old sets first", () => {
    const broken = aReplicaSet("broken", 2, { status: { replicas: 2 } });
    const fresh = aReplicaSet("new", 1);
    const sets = groupSets(fresh, [broken, aReplicaSet("old", 2), fresh]);
    expect(said(planRollingUpdate(deployment, sets))).to.deep.equal(["broken 0"]);
  });

  it("moves with neither surge nor unavailability given", () => {
    const still = aDeployment({
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
    });
    const fresh = aReplicaSet("new", 0);
    expect(said(planRollingUpdate(still, groupSets(fresh, [aReplicaSet("old", 4), fresh])))).to.deep.equal(["old 3"]);
  });
});

describe("the plan of scaling", () => {
  it("gives a single set all", () => {
    const only = aReplicaSet("new", 2);
    expect(said(planScaling(aDeployment({ replicas: 9 }), groupSets(only, [only])))).to.deep.equal(["new 9"]);
  });

  it("shares among sets in the middle of a rollout by their sizes", () => {
    const annotations = { [maxReplicasAnnotation]: "11" };
    const old = aReplicaSet("old", 8);
    const fresh = aReplicaSet("new", 3);
    for (const { metadata } of [old, fresh]) metadata.annotations = annotations;
    const deployment = aDeployment({ replicas: 20 });
    expect(said(planScaling(deployment, groupSets(fresh, [old, fresh])))).to.deep.equal(["old 15", "new 6"]);
  });
});
