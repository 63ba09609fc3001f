import { expect } from "chai";
import { specOf } from "../testing/runtime-pods.ts";
import { parseResolvConf, podDns } from "./dns.ts";

const inputs = {
  clusterDns: ["10.96.0.10"],
  clusterDomain: "cluster.local",
  host: parseResolvConf("# made by hand\nnameserver 192.0.2.53\nsearch example.com.\noptions timeout:1\n"),
};

describe("DNS settings of a pod", () => {
  it("ask the cluster's DNS first by default", () => {
    expect(podDns(specOf({}), inputs)).to.deep.equal({
      servers: ["10.96.0.10"],
      searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.com"],
      options: ["ndots:5"],
    });
  });

  it("are the node's on the host's network, unless asked otherwise", () => {
    expect(podDns(specOf({ hostNetwork: true }), inputs)).to.deep.equal({
      servers: ["192.0.2.53"],
      searches: ["example.com"],
      options: ["timeout:1"],
    });
    expect(podDns(specOf({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }), inputs).servers).to.deep.equal([
      "10.96.0.10",
    ]);
  });

  it("take additions from the pod, and nothing but them with None", () => {
    const dnsConfig = {
      nameservers: ["192.0.2.1"],
      searches: ["a.b"],
      options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
    };
    expect(podDns(specOf({ dnsPolicy: "None", dnsConfig }), inputs)).to.deep.equal({
      servers: ["192.0.2.1"],
      searches: ["a.b"],
      options: ["ndots:2", "edns0"],
    });
    expect(podDns(specOf({ dnsConfig }), inputs)).to.deep.include({
      servers: ["10.96.0.10", "192.0.2.1"],
      options: ["ndots:2", "edns0"],
    });
  });
});
