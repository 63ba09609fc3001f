import type { PodStatus } from "@tskube/api";
import { expect } from "chai";
import { isShown, statusPatch } from "./status-patch.ts";

const ready = (status: string) => ({ type: "Ready", status, lastTransitionTime: "2030-01-01T00:00:00Z" });
const foreign = { type: "example.com/gate", status: "True" };

describe("status patch", () => {
  it("is nothing when nothing differs", () => {
    const status: PodStatus = { phase: "Running", conditions: [ready("True"), foreign] };
    expect(statusPatch(status, structuredClone(status))).to.equal(undefined);
  });

  it("holds what differs, and null for what is gone", () => {
    expect(
      statusPatch({ phase: "Pending", reason: "Waiting", podIP: "10.0.0.1" }, { phase: "Running", podIP: "10.0.0.1" }),
    ).to.deep.equal({ phase: "Running", reason: null });
  });

  it("names only our own conditions, for others may have moved on", () => {
    const patch = statusPatch(
      { conditions: [ready("False"), foreign] },
      { conditions: [ready("True"), { ...foreign, status: "False" }] },
    );
    expect(patch?.["conditions"]).to.deep.equal([ready("True")]);
  });

  it("takes a condition's reason away when the trouble is over", () => {
    const before = {
      ...ready("False"),
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    };
    expect(statusPatch({ conditions: [before] }, { conditions: [ready("True")] })?.["conditions"]).to.deep.equal([
      { ...ready("True"), reason: null, message: null },
    ]);
  });

  it("deletes addresses that are gone from a list that is merged", () => {
    const patch = statusPatch({ podIPs: [{ ip: "10.0.0.1" }] }, { podIPs: [{ ip: "10.0.0.2" }] });
    expect(patch).to.deep.equal({ podIPs: [{ ip: "10.0.0.2" }, { $patch: "delete", ip: "10.0.0.1" }] });
  });

  it("leaves fields of other components alone", () => {
    expect(statusPatch({ nominatedNodeName: "n2", phase: "Running" }, { phase: "Running" })).to.equal(undefined);
  });

  it("sees a status as shown when only empty values are left out", () => {
    const wanted = {
      phase: "Running",
      containerStatuses: [{ name: "main", lastState: {}, started: false, restartCount: 0 }],
    } as unknown as PodStatus;
    const shown = { phase: "Running", containerStatuses: [{ name: "main", restartCount: 0 }] } as unknown as PodStatus;
    expect(isShown(shown, wanted)).to.equal(true);
    expect(isShown({ ...shown, phase: "Pending" }, wanted)).to.equal(false);
  });
});
