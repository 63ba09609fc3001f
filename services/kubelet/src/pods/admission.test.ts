import { expect } from "chai";
import { specOf } from "../testing/runtime-pods.ts";
import { admit, podRequest } from "./admission.ts";

const allocatable = { cpu: "2", memory: "1Gi", pods: "2" };
const asking = (requests: Record<string, string>) =>
  specOf({ containers: [{ name: "main", image: "app:1", resources: { requests } }] });

describe("admission of a pod to the node", () => {
  it("takes what fits beside the others", () => {
    expect(admit({ pod: asking({ cpu: "1" }), others: [asking({ cpu: "1" })], allocatable })).to.equal(undefined);
  });

  it("refuses what does not fit", () => {
    expect(admit({ pod: asking({ cpu: "1100m" }), others: [asking({ cpu: "1" })], allocatable })).to.include({
      reason: "OutOfcpu",
      message: "Node didn't have enough resource: cpu, requested: 1100, used: 1000, capacity: 2000",
    });
    expect(admit({ pod: specOf({}), others: [specOf({}), specOf({})], allocatable })?.reason).to.equal("OutOfpods");
  });

  it("refuses kernel settings that reach beyond the pod", () => {
    const withSysctl = (name: string, spec = {}) =>
      specOf({ ...spec, securityContext: { sysctls: [{ name, value: "1" }] } });
    expect(admit({ pod: withSysctl("kernel.msgmax"), others: [], allocatable })?.reason).to.equal("SysctlForbidden");
    expect(
      admit({ pod: withSysctl("net.ipv4.tcp_syncookies", { hostNetwork: true }), others: [], allocatable })?.reason,
    ).to.equal("SysctlForbidden");
    expect(admit({ pod: withSysctl("kernel/shm_rmid_forced"), others: [], allocatable })).to.equal(undefined);
  });

  it("counts init containers by the largest and sidecars with the rest", () => {
    const of = (cpu: string) => ({ resources: { requests: { cpu } } });
    const pod = specOf({
      initContainers: [
        { name: "side", restartPolicy: "Always", ...of("100m") },
        { name: "big", ...of("3") },
      ],
      containers: [
        { name: "a", ...of("1") },
        { name: "b", ...of("1") },
      ],
    });
    expect(podRequest(pod, "cpu").nanos).to.equal(3_100_000_000n);
  });
});
