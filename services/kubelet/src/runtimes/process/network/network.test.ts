import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Protocol } from "@tskube/cri";
import { expect } from "chai";
import { macOfIp, parseCidr } from "./cidr.ts";
import { hostPortRuleset } from "./host-ports.ts";
import { IpBatch } from "./ip-batch.ts";
import { Ipam } from "./ipam.ts";

describe("pod addresses", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-ipam-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const cidr = parseCidr("10.1.2.0/29");

  it("gives each owner one address, and the same again", async () => {
    const ipam = new Ipam(dir);
    const ips = await Promise.all(["a", "b", "c"].map((owner) => ipam.allocate(cidr, owner)));
    expect(new Set(ips).size).to.equal(3);
    expect(await ipam.allocate(cidr, "a")).to.equal(ips[0]);
  });

  it("gives an address to one owner when two runtimes ask at once", async () => {
    const [one, other] = [new Ipam(dir), new Ipam(dir)];
    const ips = await Promise.all([one.allocate(cidr, "a"), other.allocate(cidr, "b")]);
    expect(ips[0]).to.not.equal(ips[1]);
  });

  it("lets a freed address rest until the others were used", async () => {
    const ipam = new Ipam(dir);
    const first = await ipam.allocate(cidr, "a");
    await ipam.release("a");
    expect(await ipam.allocate(cidr, "b")).to.not.equal(first);
  });

  it("says when all are taken, and forgets owners that are gone", async () => {
    const ipam = new Ipam(dir);
    for (const owner of ["a", "b", "c", "d", "e"]) await ipam.allocate(cidr, owner);
    const error = await ipam.allocate(cidr, "f").catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain("no free address left among the 5");
    await ipam.keepOnly(new Set(["a"]));
    expect(await ipam.allocate(cidr, "f")).to.match(/^10\.1\.2\.[2-6]$/);
  });

  it("names a hardware address after an address", () => {
    expect(macOfIp("10.244.1.2")).to.equal("0a:58:0a:f4:01:02");
  });

  for (const text of ["", "10.0.0.0", "10.0.0.0/33", "fd00::/64", "10.0.0.0/31"]) {
    it(`takes ${JSON.stringify(text)} for no pod network`, () => {
      expect(() => parseCidr(text)).to.throw("pod network must be an IPv4 CIDR");
    });
  }
});

describe("ip batches", () => {
  it("puts together what comes while one runs", async () => {
    const runs: string[] = [];
    const batch = new IpBatch(async (script) => {
      runs.push(script);
      await new Promise((resolve) => setImmediate(resolve));
    });
    await Promise.all([batch.run(["a"]), batch.run(["b"]), batch.run(["c"])]);
    expect(runs).to.deep.equal(["a\n", "b\nc\n"]);
  });

  it("fails only the request whose lines fail, and takes back what had been run", async () => {
    const runs: string[] = [];
    const batch = new IpBatch(async (script) => {
      runs.push(script);
      await new Promise((resolve) => setImmediate(resolve));
      if (script.includes("bad")) throw new Error("bad line");
    });
    const outcomes = await Promise.allSettled([
      batch.run(["first"]),
      batch.run(["good"], ["undo good"]),
      batch.run(["bad"]),
    ]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["fulfilled", "fulfilled", "rejected"]);
    expect(runs).to.include("undo good\n");
  });
});

describe("host port rules", () => {
  it("lead to the pod, for the address that was asked for", () => {
    const portMappings = [
      { protocol: Protocol.TCP, containerPort: 80, hostPort: 8080, hostIp: "" },
      { protocol: Protocol.UDP, containerPort: 53, hostPort: 5353, hostIp: "10.0.0.1" },
      { protocol: Protocol.TCP, containerPort: 9, hostPort: 0, hostIp: "" },
    ];
    const rules = hostPortRuleset([{ ip: "10.1.1.2", portMappings }]);
    expect(rules).to.contain(
      "    tcp dport 8080 dnat to 10.1.1.2:80\n    ip daddr 10.0.0.1 udp dport 5353 dnat to 10.1.1.2:53\n",
    );
    expect(rules).to.not.contain(":9");
  });

  it("are gone with the last pod", () => {
    expect(hostPortRuleset([])).to.equal("add table ip tskube-hostports\ndelete table ip tskube-hostports\n");
  });
});
