import type { Pod } from "@tskube/api";
import { serviceUnavailable } from "@tskube/apimachinery";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { kinds } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { expect } from "chai";
import { specOf } from "../testing/runtime-pods.ts";
import { StatusManager } from "./status-manager.ts";

async function situation() {
  const clock = new FakeClock();
  const api = new FakeApi({ clock });
  const client = api.client();
  const pod = await client.pods("default").create({ ...specOf({}), metadata: { name: "web", namespace: "default" } });
  const stored = () => api.get(kinds.Pod, "default/web");
  const stop = new AbortController();
  const manager = new StatusManager({ client, clock, logger: silentLogger, apiPod: stored }, stop.signal);
  const writes = () => api.writes().filter((write) => write.includes("pods/status")).length;
  return { api, client, clock, pod, stored, manager, writes, stop };
}

describe("status manager", () => {
  it("writes the newest of several statuses, once", async () => {
    const { clock, manager, pod, stored, writes } = await situation();
    manager.set(pod, { phase: "Pending" });
    manager.set(pod, { phase: "Running" });
    await clock.advance(0);
    expect(stored()?.status?.phase).to.equal("Running");
    expect(writes()).to.equal(1);
    manager.set(pod, { phase: "Running" });
    await clock.advance(0);
    expect(writes()).to.equal(1);
  });

  it("tries again with growing delays while the API fails", async () => {
    const { api, clock, manager, pod, stored, stop } = await situation();
    let failures = 2;
    const end = api.react(({ verb }) => {
      if (verb === "patch" && failures-- > 0) throw serviceUnavailable("down");
    });
    manager.set(pod, { phase: "Running" });
    await clock.advance(400);
    expect(stored()?.status?.phase).to.equal(undefined);
    await clock.advance(5000);
    expect(stored()?.status?.phase).to.equal("Running");
    end();
    stop.abort();
  });

  it("writes again what somebody else changed, and not for its own echo", async () => {
    const { client, clock, manager, pod, stored, writes } = await situation();
    manager.set(pod, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] });
    await clock.advance(0);
    manager.observe(stored() as Pod);
    await clock.advance(0);
    expect(writes()).to.equal(1);
    const changed = await client
      .pods("default")
      .patchStatus("web", { status: { conditions: [{ type: "Ready", status: "False" }] } });
    manager.observe(changed);
    await clock.advance(0);
    expect(stored()?.status?.conditions).to.deep.equal([{ type: "Ready", status: "True" }]);
  });

  it("lets a deleted pod's object go only when nothing of the pod is left", async () => {
    const { client, clock, manager, pod, stored } = await situation();
    manager.set(pod, { phase: "Running" });
    await clock.advance(0);
    await client.pods("default").patch("web", { spec: { nodeName: "n1" } });
    await client.pods("default").delete("web", { gracePeriodSeconds: 30 });
    manager.set(stored() as Pod, { phase: "Failed" });
    await clock.advance(0);
    expect(stored()?.metadata.deletionTimestamp).to.be.a("string");
    manager.finish(stored() as Pod);
    await clock.advance(0);
    expect(stored()).to.equal(undefined);
  });
});
