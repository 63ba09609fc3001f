import { expect } from "chai";
import { clusterFromEnvironment } from "./cluster-environment.ts";
import { composeCertificateRequests, credentialsOf } from "./credentials.ts";
import { aComposeEnvironment } from "./testing.ts";

const config = clusterFromEnvironment(aComposeEnvironment());

describe("credentials of containers", () => {
  it("give a worker its own node's keys and kube-proxy's, as root", () => {
    expect(credentialsOf(config).find(({ name }) => name === "worker-1")).to.deep.equal({
      name: "worker-1",
      userId: 0,
      pairs: ["kubelet-client-worker-1", "kubelet-worker-1", "kube-proxy"],
      files: [],
      kubeconfigs: { "kubelet-worker-1": "kubelet-client-worker-1", "kube-proxy": "kube-proxy" },
    });
  });

  it("give the authority's key to who signs requests alone, and the administrator's to nobody", () => {
    const holders = (file: string) =>
      credentialsOf(config)
        .filter(({ pairs, files }) => [...files, ...pairs.map((pair) => `${pair}.key`)].includes(file))
        .map(({ name }) => name);
    expect(holders("ca.key")).to.deep.equal(["controller-manager"]);
    expect(holders("admin.key")).to.deep.equal([]);
  });

  it("are all made by the requests, and no more are made than are given or the administrator's", () => {
    const given = new Set(credentialsOf(config).flatMap(({ pairs }) => pairs));
    expect([...composeCertificateRequests(config).keys()].sort()).to.deep.equal([...given, "admin"].sort());
  });

  it("name every certificate that a kubeconfig shows", () => {
    for (const { pairs, kubeconfigs } of credentialsOf(config))
      expect(pairs).to.include.members(Object.values(kubeconfigs));
  });
});
