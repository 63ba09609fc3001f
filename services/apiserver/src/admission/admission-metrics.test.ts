import { createMetrics } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { AdmissionMetrics } from "./admission-metrics.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { podOf, write } from "./testing/write.ts";

describe("admission metrics", () => {
  it("time plugins and passes, and tell who refused", async () => {
    const metrics = createMetrics({ processFigures: false });
    const timed = new AdmissionMetrics({ metrics, clock: new FakeClock() });
    const plugins: AdmissionPlugin[] = [
      { name: "Fine", handles: () => true, admit: () => {}, validate: async () => {} },
      {
        name: "Stern",
        handles: () => true,
        validate: () => {
          throw new Error("no");
        },
      },
    ];
    const chain = timed.chain(plugins.map((plugin) => timed.plugin(plugin)));
    const { signal } = new AbortController();
    await chain.admit(write("pods", podOf()), signal);
    await chain.validate(write("pods", podOf()), signal).catch(() => {});
    const text = await metrics.metrics();
    for (const labels of [
      'name="Fine",type="admit",operation="CREATE",rejected="false"',
      'name="Fine",type="validate",operation="CREATE",rejected="false"',
      'name="Stern",type="validate",operation="CREATE",rejected="true"',
    ]) {
      expect(text).to.contain(`apiserver_admission_controller_admission_duration_seconds_count{${labels}} 1`);
    }
    expect(text).to.contain(
      'apiserver_admission_step_admission_duration_seconds_count{type="validate",operation="CREATE",rejected="true"} 1',
    );
  });
});
