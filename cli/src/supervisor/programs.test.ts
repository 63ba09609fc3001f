import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { certificateRequests, ensureCertificates } from "../certificates/cluster-certificates.ts";
import { clusterPaths } from "../cluster/paths.ts";
import { aClusterConfig } from "../cluster/testing.ts";
import { kubeletConfiguration, programsOf } from "./programs.ts";

describe("programs of a cluster", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tskube-programs-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const planOf = (changes: Parameters<typeof aClusterConfig>[0] = {}) => {
    const config = aClusterConfig(changes);
    const installation = { node: "node", dist: "/dist", etcd: "etcd", containerd: undefined };
    return { config, paths: clusterPaths(home, config.name), installation };
  };
  const flagsOf = (plan: ReturnType<typeof planOf>, name: string) =>
    programsOf(plan).find((program) => program.name === name)?.argv ?? [];

  it("are told of no certificate or key that nobody makes", async () => {
    const plan = planOf({ store: { kind: "etcd" } });
    const { config, paths } = plan;
    await ensureCertificates(paths.pki, certificateRequests(config), Date.now());
    const words = programsOf(plan).flatMap(({ argv }) => argv);
    const configurations = config.nodes.map((node) => JSON.stringify(kubeletConfiguration(config, paths, node)));
    const named = [...words, ...configurations].flatMap((text) =>
      [...text.matchAll(/[^="]*\/pki\/[^"]+/g)].map(([path]) => path),
    );
    expect(named).to.include(join(paths.pki, "ca.crt"));
    expect(named.filter((path) => !existsSync(path))).to.deep.equal([]);
  });

  it("sign certificate requests with the cluster's authority, and look after bootstrap tokens", () => {
    const plan = planOf();
    expect(flagsOf(plan, "controller-manager")).to.include.members([
      `--cluster-signing-cert-file=${join(plan.paths.pki, "ca.crt")}`,
      `--cluster-signing-key-file=${join(plan.paths.pki, "ca.key")}`,
      "--controllers=*,bootstrapsigner,tokencleaner",
    ]);
  });
});
