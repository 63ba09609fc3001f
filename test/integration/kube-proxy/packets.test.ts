import { once } from "node:events";
import { silentLogger, systemClock } from "@tskube/base";
import { expect } from "chai";
import type { Backend } from "../../../services/kube-proxy/src/backends/backend.ts";
import { backends } from "../../../services/kube-proxy/src/backends/index.ts";
import { type RunTool, runTool } from "../../../services/kube-proxy/src/backends/run-tool.ts";
import type { ServicePort } from "../../../services/kube-proxy/src/model/service-port.ts";
import { aServicePort } from "../../../services/kube-proxy/src/model/testing.ts";
import { TestNetwork } from "../../framework/namespaces.ts";

/**
 * A node with two pods on a bridge, and a client outside that reaches cluster IPs through the node:
 *
 *   client 192.168.77.2 ── 192.168.77.1 node (rules under test) 10.244.1.1 ── cni0 ─┬─ pod-a 10.244.1.5
 *                                                                                    └─ pod-b 10.244.1.6
 */
const podAddresses = { a: "10.244.1.5", b: "10.244.1.6" };

/** Answers over TCP with its name and the address it was asked from. */
const serverScript = `const [name, host] = process.argv.slice(1);
require("node:net").createServer((s) => s.on("error", () => {}).end(name + " " + s.remoteAddress)).listen(8080, host, () => console.log("up"));`;

/** Connects a number of times and prints one line each: the answer, or the error's code. */
const clientScript = `const [host, port, count] = process.argv.slice(1);
const once = () => new Promise((resolve) => { let text = ""; const s = require("node:net").connect({ host, port: Number(port), timeout: 1500 });
s.on("data", (d) => { text += d; }).on("end", () => resolve(text)).on("error", (e) => resolve(e.code)).on("timeout", () => { s.destroy(); resolve("TIMEOUT"); }); });
(async () => { for (let i = 0; i < Number(count); i++) console.log(await once()); })();`;

const reason = TestNetwork.unavailable();

for (const definition of backends.filter(({ name }) => name !== "userspace")) {
  describe(`packets through the ${definition.name} backend`, function () {
    this.timeout(60_000);
    let network: TestNetwork;
    let node: string;
    let client: string;
    let podA: string;
    let backend: Backend;
    const run: RunTool = (argv, input, signal) => runTool(network.inside(node, argv), input, signal);
    const deps = { run, clock: systemClock, logger: silentLogger };
    const options = { clusterCidr: "10.244.0.0/16", masqueradeAll: false, masqueradeBit: 14 };

    before(async function () {
      if (reason) this.skip(); // said by unavailable()
      network = new TestNetwork(`tskp${process.pid % 10_000}`);
      node = network.add("node");
      client = network.add("client");
      network.ip(
        node,
        "link add cni0 type bridge",
        "addr add 10.244.1.1/24 dev cni0",
        "link set cni0 up",
        `link add uplink type veth peer name eth0 netns ${client}`,
        "addr add 192.168.77.1/24 dev uplink",
        "link set uplink up",
      );
      network.ip(client, "addr add 192.168.77.2/24 dev eth0", "link set eth0 up", "route add default via 192.168.77.1");
      network.ip(node, "route add default dev cni0");
      network.exec(node, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
      podA = await addPod("a");
      await addPod("b");
      expect(await definition.isUsable(deps, AbortSignal.timeout(10_000)), `${definition.name} is usable`).to.equal(
        true,
      );
      backend = definition.create("IPv4", options, deps);
    });

    after(() => network?.close());

    async function addPod(name: "a" | "b"): Promise<string> {
      const pod = network.add(`pod-${name}`);
      network.ip(
        node,
        `link add veth-${name} type veth peer name eth0 netns ${pod}`,
        `link set veth-${name} master cni0 up`,
        `link set veth-${name} type bridge_slave hairpin on`,
      );
      network.ip(
        pod,
        `addr add ${podAddresses[name]}/24 dev eth0`,
        "link set eth0 up",
        "route add default via 10.244.1.1",
      );
      const server = network.start(pod, [process.execPath, "-e", serverScript, name, podAddresses[name]]);
      if (server.stdout) await once(server.stdout, "data");
      return pod;
    }

    const sync = (...ports: ServicePort[]) => backend.sync(ports, AbortSignal.timeout(20_000));
    const ask = (from: string, host: string, port: number, count = 20) =>
      network
        .exec(from, [process.execPath, "-e", clientScript, host, String(port), String(count)])
        .trimEnd()
        .split("\n");
    const endpoints = Object.values(podAddresses).map((address) => ({ address, port: 8080, isLocal: true }));
    const web = (changes: Partial<ServicePort> = {}) => aServicePort({ clusterEndpoints: endpoints, ...changes });
    const names = (answers: readonly string[]) => [...new Set(answers.map((answer) => answer.split(" ")[0]))].sort();

    it("reach both endpoints of a cluster IP from outside, masqueraded, and keep a pod's address", async () => {
      await sync(web());
      const fromClient = ask(client, "10.96.0.7", 80, 40);
      expect(names(fromClient)).to.deep.equal(["a", "b"]);
      expect(fromClient.every((answer) => answer.endsWith("10.244.1.1"))).to.equal(true);
      const fromPod = ask(podA, "10.96.0.7", 80, 40);
      expect(names(fromPod)).to.deep.equal(["a", "b"]);
      expect(
        fromPod.filter((answer) => answer.startsWith("b")).every((answer) => answer.endsWith(podAddresses.a)),
      ).to.equal(true);
    });

    it("reach the node's own processes' services, too", async () => {
      await sync(web());
      expect(names(ask(node, "10.96.0.7", 80, 40))).to.deep.equal(["a", "b"]);
    });

    it("reach a node port, from outside and from the node", async () => {
      await sync(web({ nodePort: 30080 }));
      expect(names(ask(client, "192.168.77.1", 30080, 40))).to.deep.equal(["a", "b"]);
      expect(names(ask(node, "192.168.77.1", 30080, 10)).length).to.be.greaterThan(0);
      expect(names(ask(node, "192.168.77.1", 30080, 40))).to.deep.equal(["a", "b"]);
    });

    it("keep the client's address with the external policy Local", async () => {
      await sync(web({ nodePort: 30080, external: "Local", localEndpoints: endpoints.slice(0, 1) }));
      expect(ask(client, "192.168.77.1", 30080, 4)).to.deep.equal(Array(4).fill("a 192.168.77.2"));
    });

    it("are refused without endpoints and lost where policy forbids those elsewhere", async () => {
      await sync(web({ clusterEndpoints: [], hasEndpoints: false, nodePort: 30080 }));
      expect(ask(client, "10.96.0.7", 80, 1)).to.deep.equal(["ECONNREFUSED"]);
      expect(ask(client, "192.168.77.1", 30080, 1)).to.deep.equal(["ECONNREFUSED"]);
      await sync(web({ internal: "Local", clusterEndpoints: [], hasEndpoints: true }));
      expect(ask(client, "10.96.0.7", 80, 1)).to.deep.equal(["TIMEOUT"]);
    });

    it("stay with one endpoint under session affinity", async () => {
      await sync(web({ affinitySeconds: 60 }));
      const answers = ask(client, "10.96.0.7", 80, 20);
      expect(names(answers)).to.have.length(1);
    });

    it("come only from the source ranges of a load balancer", async () => {
      const balanced = { loadBalancerIPs: ["203.0.113.9"] };
      await sync(web({ ...balanced, loadBalancerSourceRanges: ["192.168.77.0/24"] }));
      expect(names(ask(client, "203.0.113.9", 80, 40))).to.deep.equal(["a", "b"]);
      await sync(web({ ...balanced, loadBalancerSourceRanges: ["198.51.100.0/24"] }));
      expect(ask(client, "203.0.113.9", 80, 1)).to.deep.equal(["TIMEOUT"]);
    });

    it("follow endpoints as they come and go, and find no rule once the service is gone", async () => {
      await sync(web({ clusterEndpoints: endpoints.slice(0, 1) }));
      expect(names(ask(client, "10.96.0.7", 80, 10))).to.deep.equal(["a"]);
      await sync(web({ clusterEndpoints: endpoints.slice(1) }));
      expect(names(ask(client, "10.96.0.7", 80, 10))).to.deep.equal(["b"]);
      await sync();
      expect(names(ask(client, "10.96.0.7", 80, 1))[0]).to.be.oneOf(["TIMEOUT", "ENETUNREACH", "EHOSTUNREACH"]);
    });

    it("go on while a kube-proxy that starts again writes its rules over those of the one before", async () => {
      await sync(
        web({ nodePort: 30080, affinitySeconds: 60 }),
        aServicePort({ id: "default/old", name: "old", clusterIP: "10.96.0.8", clusterEndpoints: endpoints }),
      );
      const monitor = definition.name === "nftables" ? network.start(node, ["nft", "monitor", "chains"]) : undefined;
      let changes = "";
      monitor?.stdout?.setEncoding("utf8").on("data", (text: string) => {
        changes += text;
      });
      await new Promise((resolve) => setTimeout(resolve, 200)); // until the monitor listens
      const successor = definition.create("IPv4", options, deps);
      await successor.sync([web({ nodePort: 30080 })], AbortSignal.timeout(20_000));
      expect(names(ask(client, "192.168.77.1", 30080, 40))).to.deep.equal(["a", "b"]);
      expect(ask(client, "10.96.0.8", 80, 1)[0]).to.be.oneOf(["TIMEOUT", "ENETUNREACH", "EHOSTUNREACH"]);
      // What hangs in the kernel's hooks stays there: while it is away, packets pass untranslated.
      if (monitor) {
        expect(changes).to.match(/delete chain .*old/);
        expect(changes).to.not.match(/delete (table|chain \S+ \S+ (nat|filter)-)/);
      }
      backend = successor; // the first one no longer knows what the kernel holds
    });

    it("are left alone after a clean-up", async () => {
      await sync(web());
      await backend.cleanUp();
      const rules = network.exec(node, definition.name === "nftables" ? ["nft", "list", "tables"] : ["iptables-save"]);
      expect(rules).to.not.match(/kube-proxy|KUBE-/);
    });
  });
}
