import { expect } from "chai";
import { podDnsRules, podResolvConf, resolverPorts } from "./pod-dns.ts";

const saved = `*nat
:DOCKER_OUTPUT - [0:0]
-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT
-A DOCKER_OUTPUT -d 127.0.0.11/32 -p tcp -m tcp --dport 53 -j DNAT --to-destination 127.0.0.11:34393
-A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:41943
-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp -m udp --sport 41943 -j SNAT --to-source :53
COMMIT
`;

describe("names for pods of a worker's container", () => {
  it("are resolved where docker's rules say", () => {
    expect(resolverPorts(saved)).to.deep.equal({ udp: 41943, tcp: 34393 });
    expect(resolverPorts("*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")).to.equal(undefined);
  });

  it("are asked for at the node's address, with the rest of resolv.conf as it was", () => {
    expect(podResolvConf("search example.com\nnameserver 127.0.0.11\noptions ndots:0\n", "172.30.40.21")).to.equal(
      "search example.com\nnameserver 172.30.40.21\noptions ndots:0\n",
    );
  });

  it("need nothing where the container asks a server that pods reach too", () => {
    expect(podResolvConf("nameserver 192.0.2.53\n", "172.30.40.21")).to.equal(undefined);
  });

  it("pass the node without opening its loopback to the network", () => {
    const rules = podDnsRules({ name: "tskube" }, "172.30.40.21", { udp: 41943, tcp: 34393 });
    expect(rules).to.equal(`add table ip tskube-dns
delete table ip tskube-dns
table ip tskube-dns {
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip daddr 172.30.40.21 udp dport 53 dnat to 127.0.0.11:41943
    ip daddr 172.30.40.21 tcp dport 53 dnat to 127.0.0.11:34393
  }
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr 172.30.40.21 udp dport 53 dnat to 127.0.0.11:41943
    ip daddr 172.30.40.21 tcp dport 53 dnat to 127.0.0.11:34393
  }
}
`);
  });
});
