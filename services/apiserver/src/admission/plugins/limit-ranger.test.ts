import type { LimitRangeItem } from "@tskube/api";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { limitRanger } from "./limit-ranger.ts";

function pluginWith(...limits: readonly LimitRangeItem[]) {
  return limitRanger(depsWith(new FakeObjects().put("limitranges", object("LimitRange", "l", { spec: { limits } }))));
}

const sized = (requests?: object, limits?: object) =>
  podOf({ containers: [{ name: "c", image: "i", resources: { requests, limits } }] });

describe("LimitRanger", () => {
  it("fills in defaults where a container states nothing, and says so in an annotation", async () => {
    const pod = sized({ cpu: "50m" });
    const plugin = pluginWith({
      type: "Container",
      default: { cpu: "1", memory: "1Gi" },
      defaultRequest: { cpu: "100m", memory: "64Mi" },
    });
    expect(await admit(plugin, write("pods", pod))).to.equal("");
    expect(pod.spec.containers[0]?.resources).to.deep.equal({
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "1", memory: "1Gi" },
    });
    expect(pod.metadata.annotations).to.deep.equal({
      "kubernetes.io/limit-ranger":
        "LimitRanger plugin set: memory request for container c; cpu, memory limit for container c",
    });
  });

  const cases: readonly [string, LimitRangeItem, ReturnType<typeof sized>, string][] = [
    [
      "too little",
      { type: "Container", min: { cpu: "100m" } },
      sized({ cpu: "50m" }),
      "minimum cpu usage per Container is 100m, but request is 50m",
    ],
    [
      "nothing where there is a minimum",
      { type: "Container", min: { cpu: "100m" } },
      sized(),
      "minimum cpu usage per Container is 100m.  No request is specified",
    ],
    [
      "too much",
      { type: "Container", max: { memory: "1Gi" } },
      sized({}, { memory: "2Gi" }),
      "maximum memory usage per Container is 1Gi, but limit is 2Gi",
    ],
    [
      "no limit where there is a maximum",
      { type: "Pod", max: { memory: "1Gi" } },
      sized(),
      "maximum memory usage per Pod is 1Gi.  No limit is specified",
    ],
    [
      "too far apart",
      { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      sized({ cpu: "1" }, { cpu: "3" }),
      "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
    ],
  ];
  for (const [what, item, pod, message] of cases) {
    it(`refuses ${what}`, async () => {
      expect(await admit(pluginWith(item), write("pods", pod))).to.equal(`pods "web" is forbidden: ${message}`);
    });
  }

  it("bounds what claims request", async () => {
    const plugin = pluginWith({ type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } });
    const claim = (storage: string) =>
      write(
        "persistentvolumeclaims",
        object("PersistentVolumeClaim", "c", { spec: { resources: { requests: { storage } } } }),
      );
    expect(await admit(plugin, claim("2Gi"))).to.equal("");
    expect(await admit(plugin, claim("3Gi"))).to.contain("maximum storage usage per PersistentVolumeClaim is 2Gi");
  });
});
