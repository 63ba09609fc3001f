import { LinuxContainerResources, Signal } from "@tskube/cri";
import { expect } from "chai";
import { limitsV1 } from "../cgroups/v1.ts";
import { limitsV2, weightOfShares } from "../cgroups/v2.ts";
import { outcome } from "../containers/ending.ts";
import { stopSignalOf } from "../containers/signals.ts";
import { availableCapabilities, capabilitiesOf, defaultCapabilities } from "./capabilities.ts";
import { containerFstab, overlayOptions } from "./fstab.ts";
import { shellQuote } from "./shell.ts";

describe("launching", () => {
  it("quotes any word for a shell", () => {
    expect(shellQuote("/usr/bin/env")).to.equal("/usr/bin/env");
    expect(shellQuote("it's $HOME")).to.equal(`'it'\\''s $HOME'`);
    expect(shellQuote("")).to.equal("''");
  });

  it("writes white space of paths into fstab in octal", () => {
    const mounts = [{ source: "/a b", target: "/c#d", type: "none", options: ["bind", "ro"] }];
    const base = { dir: "/c", layers: ["/l"], readonlyRoot: true, mounts } as unknown as Parameters<
      typeof containerFstab
    >[0];
    const [root, bind] = containerFstab(base).split("\n");
    expect(root).to.equal("overlay /c/root overlay lowerdir=/l,upperdir=/c/upper,workdir=/c/work,nodev,ro 0 0");
    expect(bind).to.equal("/a\\040b /c/root/c\\043d none bind,ro 0 0");
  });

  it("refuses overlays that the kernel would misread", () => {
    expect(() => overlayOptions(["/a:b"], "/u", "/w")).to.throw("cannot be part of an overlay mount");
    expect(() =>
      overlayOptions(
        Array.from({ length: 200 }, () => "/a/quite/long/path/of/a/layer"),
        "/u",
        "/w",
      ),
    ).to.throw("too many layers");
  });

  const available = availableCapabilities("CapBnd:\t000001ffffffffff\n");
  const capabilityCases: Array<[change: { add?: string[]; drop?: string[] }, check: (names: string[]) => boolean]> = [
    [{}, (names) => names.length === defaultCapabilities.length],
    [{ drop: ["ALL"], add: ["CAP_NET_ADMIN"] }, (names) => names.join() === "net_admin"],
    [{ add: ["ALL"], drop: ["sys_admin"] }, (names) => names.length === 40 && !names.includes("sys_admin")],
    [{ drop: ["NET_RAW"] }, (names) => !names.includes("net_raw") && names.includes("chown")],
  ];
  for (const [change, check] of capabilityCases) {
    it(`applies ${JSON.stringify(change)} to capabilities`, () => {
      const names = capabilitiesOf({ add: change.add ?? [], drop: change.drop ?? [] }, available);
      expect(check(names), names.join()).to.equal(true);
    });
  }

  it("gives no capability that it lacks itself", () => {
    expect(
      capabilitiesOf({ add: ["ALL"], drop: [] }, availableCapabilities("CapBnd: 0000000000000003\n")),
    ).to.deep.equal(["chown", "dac_override"]);
  });
});

describe("resources", () => {
  const resources = LinuxContainerResources.fromPartial({
    cpuShares: 1024n,
    cpuQuota: 50000n,
    cpuPeriod: 100000n,
    memoryLimitInBytes: 1048576n,
  });

  it("become control files of cgroup version 1", () => {
    expect(limitsV1(resources).map((limit) => limit.slice(1).join("="))).to.deep.equal([
      "cpu.shares=1024",
      "cpu.cfs_period_us=100000",
      "cpu.cfs_quota_us=50000",
      "memory.limit_in_bytes=1048576",
    ]);
  });

  it("become control files of cgroup version 2", () => {
    expect(limitsV2(resources).map((limit) => limit.join("="))).to.deep.equal([
      "cpu.weight=39",
      "cpu.max=50000 100000",
      "memory.max=1048576",
    ]);
    expect([2n, 262144n].map(weightOfShares)).to.deep.equal([1n, 10000n]);
  });
});

describe("the end of a container", () => {
  const cases: Array<[end: Parameters<typeof outcome>[0], oom: boolean, exitCode: number, reason: string]> = [
    [{ exitCode: 0 }, false, 0, "Completed"],
    [{ exitCode: 0 }, true, 0, "Completed"],
    [{ exitCode: 1 }, false, 1, "Error"],
    [{ exitCode: 137 }, true, 137, "OOMKilled"],
    ["lost", false, 255, "Unknown"],
  ];
  for (const [end, oom, exitCode, reason] of cases) {
    it(`is ${reason} for ${JSON.stringify(end)}${oom ? " after the memory limit struck" : ""}`, () => {
      expect(outcome(end, oom)).to.deep.equal({ exitCode, reason });
    });
  }

  it("begins with the signal of the pod, or of the image, or SIGTERM", () => {
    expect(stopSignalOf(Signal.SIGUSR1, "SIGQUIT")).to.equal("SIGUSR1");
    expect(stopSignalOf(Signal.RUNTIME_DEFAULT, "QUIT")).to.equal("SIGQUIT");
    expect(stopSignalOf(Signal.RUNTIME_DEFAULT, undefined)).to.equal("SIGTERM");
  });
});
