import { expect } from "chai";
import { aServicePort } from "../../model/testing.ts";
import { noRules, ownChains, restoreInput } from "./chains.ts";
import { renderIptables } from "./render.ts";

const options = { clusterCidr: "10.244.0.0/16", masqueradeAll: false, masqueradeBit: 14 };
const render = (changes: Parameters<typeof aServicePort>[0] = {}) =>
  renderIptables([aServicePort(changes)], "IPv4", options);
const plain = (text: string) => text.replace(/-[A-Z2-7]{16}/g, "-X");
const chain = (rules: ReadonlyMap<string, readonly string[]>, prefix: string) =>
  [...rules].filter(([name]) => name.startsWith(prefix)).map(([, lines]) => lines.map(plain));

describe("iptables rendering", () => {
  it("spreads a cluster IP evenly over its endpoints", () => {
    const { nat } = render();
    expect(nat.get("KUBE-SERVICES")?.map(plain)).to.deep.equal([
      "-d 10.96.0.7/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-X",
      "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS",
    ]);
    expect(chain(nat, "KUBE-SVC-")).to.deep.equal([
      [
        "-d 10.96.0.7/32 -p tcp -m tcp --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ",
        "-m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-X",
        "-j KUBE-SEP-X",
      ],
    ]);
    expect(chain(nat, "KUBE-SEP-")[0]).to.deep.equal([
      "-s 10.244.1.5/32 -j KUBE-MARK-MASQ",
      "-p tcp -m tcp -j DNAT --to-destination 10.244.1.5:8080",
    ]);
  });

  it("rejects in the filter table without endpoints", () => {
    const { filter, nat } = render({ clusterEndpoints: [], hasEndpoints: false });
    expect(filter.get("KUBE-SERVICES")).to.deep.equal(["-d 10.96.0.7/32 -p tcp -m tcp --dport 80 -j REJECT"]);
    expect(chain(nat, "KUBE-SVC-")).to.deep.equal([]);
  });

  it("puts the source ranges of a load balancer before its endpoints and drops the rest", () => {
    const { nat, filter } = render({ loadBalancerIPs: ["192.0.2.9"], loadBalancerSourceRanges: ["198.51.100.0/24"] });
    expect(nat.get("KUBE-SERVICES")?.map(plain)).to.include("-d 192.0.2.9/32 -p tcp -m tcp --dport 80 -j KUBE-FW-X");
    expect(chain(nat, "KUBE-FW-")).to.deep.equal([["-s 198.51.100.0/24 -j KUBE-EXT-X"]]);
    expect(filter.get("KUBE-PROXY-FIREWALL")).to.deep.equal(["-d 192.0.2.9/32 -p tcp -m tcp --dport 80 -j DROP"]);
  });

  it("restores only what changed and removes chains that are gone", () => {
    const before = render();
    expect(restoreInput(before, render())).to.equal("");
    const after = render({ clusterEndpoints: [{ address: "10.244.1.5", port: 8080, isLocal: true }] });
    const input = plain(restoreInput(before, after));
    expect(input).to.equal(
      [
        "*nat",
        ":KUBE-SVC-X - [0:0]",
        ":KUBE-SEP-X - [0:0]",
        "-A KUBE-SVC-X -d 10.96.0.7/32 -p tcp -m tcp --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ",
        "-A KUBE-SVC-X -j KUBE-SEP-X",
        "-X KUBE-SEP-X",
        "COMMIT",
        "",
      ].join("\n"),
    );
  });

  it("knows its own chains in what iptables-save prints and no others", () => {
    const saved =
      "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SVC-ABC - [0:0]\n:KUBE-SERVICES - [0:0]\n:DOCKER - [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\n";
    expect(ownChains(saved)).to.deep.equal(["KUBE-SVC-ABC", "KUBE-SERVICES"]);
    expect(restoreInput(noRules, noRules)).to.equal("");
  });
});
