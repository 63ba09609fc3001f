import type { Pod } from "@tskube/api";
import { expect } from "chai";
import { podTotals } from "./pod-totals.ts";

const container = (name: string, cpu: string, more: object = {}) => ({
  name,
  image: "i",
  resources: { requests: { cpu } },
  ...more,
});
const totalCpu = (spec: object) => podTotals(spec as Pod["spec"]).requests.cpu;

describe("podTotals", () => {
  it("adds containers and sidecars, and takes the start's need if that is more", () => {
    const containers = [container("a", "1"), container("b", "500m")];
    expect(totalCpu({ containers })).to.equal("1500m");
    expect(totalCpu({ containers, initContainers: [container("i", "4")] })).to.equal("4");
    const sidecar = container("s", "1", { restartPolicy: "Always" });
    expect(totalCpu({ containers, initContainers: [sidecar] })).to.equal("2500m");
    expect(totalCpu({ containers, initContainers: [sidecar, container("i", "4")] })).to.equal("5");
  });

  it("adds overhead, and lets the pod's own amounts count instead of its containers'", () => {
    expect(totalCpu({ containers: [container("a", "1")], overhead: { cpu: "250m" } })).to.equal("1250m");
    expect(totalCpu({ containers: [container("a", "1")], resources: { requests: { cpu: "3" } } })).to.equal("3");
  });
});
