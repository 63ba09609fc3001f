import { expect } from "chai";
import { aServicePort } from "../../model/testing.ts";
import { renderNftables } from "./render.ts";
import { emptyRuleset, transition } from "./ruleset.ts";

const options = { clusterCidr: "10.244.0.0/16", masqueradeAll: false, masqueradeBit: 14 };
const render = (changes: Parameters<typeof aServicePort>[0] = {}) =>
  renderNftables([aServicePort(changes)], "IPv4", options);

/** Chains and elements with the hashes taken out, so that a test shows what a reader wants to see. */
function readable(ruleset: ReturnType<typeof render>): Record<string, unknown> {
  const plain = (text: string) => text.replace(/-[A-Z2-7]{8}-/g, "-");
  return {
    chains: Object.fromEntries([...ruleset.chains].map(([name, rules]) => [plain(name), (rules ?? []).map(plain)])),
    elements: Object.fromEntries(
      [...ruleset.elements].map(([map, elements]) => [
        map,
        Object.fromEntries([...elements].map(([key, value]) => [key, plain(value)])),
      ]),
    ),
  };
}

describe("nftables rendering", () => {
  it("sends a cluster IP to each endpoint with equal chance and masquerades traffic from outside the pod network", () => {
    expect(readable(render())).to.deep.equal({
      chains: {
        "service-default/web/tcp/": [
          "ip daddr 10.96.0.7 tcp dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade",
          "numgen random mod 2 vmap { 0 : goto endpoint-default/web/tcp/__10.244.1.5/8080, 1 : goto endpoint-default/web/tcp/__10.244.2.6/8080 }",
        ],
        "endpoint-default/web/tcp/__10.244.1.5/8080": [
          "ip saddr 10.244.1.5 jump mark-for-masquerade",
          "meta l4proto tcp dnat to 10.244.1.5:8080",
        ],
        "endpoint-default/web/tcp/__10.244.2.6/8080": [
          "ip saddr 10.244.2.6 jump mark-for-masquerade",
          "meta l4proto tcp dnat to 10.244.2.6:8080",
        ],
      },
      elements: { "service-ips": { "10.96.0.7 . tcp . 80": "goto service-default/web/tcp/" } },
    });
  });

  it("masquerades what comes in by a node port", () => {
    const { chains, elements } = readable(render({ nodePort: 30080 })) as {
      chains: Record<string, string[]>;
      elements: Record<string, unknown>;
    };
    expect(elements["service-nodeports"]).to.deep.equal({ "tcp . 30080": "goto external-default/web/tcp/" });
    expect(chains["external-default/web/tcp/"]).to.deep.equal([
      "jump mark-for-masquerade",
      "goto service-default/web/tcp/",
    ]);
  });

  it("rejects at once without any endpoint and is silent where only other nodes have some", () => {
    const none = { clusterEndpoints: [], hasEndpoints: false, nodePort: 30080 };
    expect(readable(render(none)).elements).to.deep.equal({
      "no-endpoint-services": { "10.96.0.7 . tcp . 80": "goto reject-chain" },
      "no-endpoint-nodeports": { "tcp . 30080": "goto reject-chain" },
    });
    expect(readable(render({ internal: "Local", clusterEndpoints: [], hasEndpoints: true })).elements).to.deep.equal({
      "no-endpoint-services": { "10.96.0.7 . tcp . 80": "drop" },
    });
  });

  it("keeps the client's address with the external policy Local, but not for the node and its pods", () => {
    const port = {
      nodePort: 30080,
      external: "Local" as const,
      localEndpoints: [{ address: "10.244.1.5", port: 8080, isLocal: true }],
    };
    const { chains } = readable(render(port)) as { chains: Record<string, string[]> };
    expect(chains["external-default/web/tcp/"]).to.deep.equal([
      "ip saddr 10.244.0.0/16 goto service-default/web/tcp/",
      "fib saddr type local jump mark-for-masquerade",
      "fib saddr type local goto service-default/web/tcp/",
      "goto endpoint-default/web/tcp/__10.244.1.5/8080",
    ]);
  });

  it("drops outside traffic with the external policy Local on a node without endpoints", () => {
    const { chains } = readable(render({ nodePort: 30080, external: "Local" })) as { chains: Record<string, string[]> };
    expect(chains["external-default/web/tcp/"]?.at(-1)).to.equal("drop");
  });

  it("remembers clients per endpoint with session affinity", () => {
    const ruleset = render({ affinitySeconds: 60 });
    expect([...ruleset.sets.values()]).to.deep.equal(Array(2).fill("{ type ipv4_addr ; flags dynamic,timeout ; }"));
    const { chains } = readable(ruleset) as { chains: Record<string, string[]> };
    expect(chains["service-default/web/tcp/"]?.[1]).to.equal(
      "ip saddr @affinity-default/web/tcp/__10.244.1.5/8080 goto endpoint-default/web/tcp/__10.244.1.5/8080",
    );
  });

  it("lets only the source ranges reach a load balancer's address", () => {
    const { chains, elements } = readable(
      render({ loadBalancerIPs: ["192.0.2.9"], loadBalancerSourceRanges: ["198.51.100.0/24"] }),
    ) as {
      chains: Record<string, string[]>;
      elements: Record<string, unknown>;
    };
    expect(elements["firewall-ips"]).to.deep.equal({ "192.0.2.9 . tcp . 80": "goto firewall-default/web/tcp/" });
    expect(chains["firewall-default/web/tcp/"]).to.deep.equal(["ip saddr != { 198.51.100.0/24 } drop"]);
  });
});

describe("nftables transition", () => {
  const table = "ip kube-proxy";

  it("says nothing when nothing changed", () => {
    expect(transition(table, render(), render())).to.deep.equal([]);
  });

  it("touches only the service whose endpoints changed", () => {
    const other = aServicePort({ id: "default/other", name: "other", clusterIP: "10.96.0.8" });
    const before = renderNftables([aServicePort(), other], "IPv4", options);
    const after = renderNftables(
      [aServicePort({ clusterEndpoints: [{ address: "10.244.1.5", port: 8080, isLocal: true }] }), other],
      "IPv4",
      options,
    );
    const lines = transition(table, before, after);
    expect(lines.filter((line) => line.includes("other"))).to.deep.equal([]);
    expect(lines.map((line) => line.split(" ").slice(0, 2).join(" "))).to.deep.equal([
      "flush chain",
      "add rule",
      "add rule",
      "flush chain",
      "delete chain",
    ]);
  });

  it("removes elements before the chains they point to", () => {
    const lines = transition(table, render({ nodePort: 30080 }), emptyRuleset);
    const lastElement = lines.findLastIndex((line) => line.startsWith("delete element"));
    const firstChain = lines.findIndex((line) => line.startsWith("delete chain"));
    expect(lastElement).to.be.greaterThan(-1).and.lessThan(firstChain);
  });

  it("replaces an element whose verdict changed", () => {
    const lines = transition(table, render(), render({ clusterEndpoints: [], hasEndpoints: false })).filter((line) =>
      line.includes("element"),
    );
    expect(lines).to.deep.equal([
      "delete element ip kube-proxy service-ips { 10.96.0.7 . tcp . 80 }",
      "add element ip kube-proxy no-endpoint-services { 10.96.0.7 . tcp . 80 : goto reject-chain }",
    ]);
  });
});
