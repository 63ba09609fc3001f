import { expect } from "chai";
import { parsePairs, parseTaint, readKubeletConfiguration, validate } from "./config.ts";
import { defaultConfig } from "./testing/harness.ts";

describe("kubelet configuration", () => {
  it("takes a KubeletConfiguration's fields by its own names", () => {
    const values = readKubeletConfiguration({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      authentication: { x509: { clientCAFile: "/ca.crt" }, anonymous: { enabled: false } },
      authorization: { mode: "Webhook" },
      clusterDNS: ["10.96.0.10"],
      staticPodPath: "/manifests",
      imageGCHighThresholdPercent: 90,
      systemReserved: { cpu: "100m" },
      registerWithTaints: [{ key: "dedicated", value: "db", effect: "NoSchedule" }],
      someFieldOfALaterVersion: true,
    });
    expect(values).to.deep.equal({
      clientCaFile: "/ca.crt",
      anonymousAuth: false,
      authorizationMode: "Webhook",
      clusterDns: ["10.96.0.10"],
      podManifestPath: "/manifests",
      imageGcHighThreshold: 90,
      systemReserved: ["cpu=100m"],
      registerWithTaints: ["dedicated=db:NoSchedule"],
    });
  });

  it("refuses another kind", () => {
    expect(() => readKubeletConfiguration({ apiVersion: "v1", kind: "ConfigMap" })).to.throw(
      /want kubelet.config.k8s.io\/v1beta1 KubeletConfiguration/,
    );
  });

  it("complains about settings that contradict each other", () => {
    expect(validate(defaultConfig())).to.equal(undefined);
    expect(validate(defaultConfig({ imageGcLowThreshold: 90 }))).to.match(/must be below/);
    expect(validate(defaultConfig({ tlsCertFile: "/a" }))).to.match(/go together/);
    expect(validate(defaultConfig({ registerWithTaints: ["dedicated"] }))).to.match(/not key=value:effect/);
  });

  it("reads taints and pairs", () => {
    expect(parseTaint("node-role.kubernetes.io/control-plane=:NoSchedule")).to.deep.equal({
      key: "node-role.kubernetes.io/control-plane",
      effect: "NoSchedule",
    });
    expect(parseTaint("a=b:NoExecute")).to.deep.equal({ key: "a", value: "b", effect: "NoExecute" });
    expect(parsePairs(["a=b=c", "d"])).to.deep.equal({ a: "b=c", d: "" });
  });
});
