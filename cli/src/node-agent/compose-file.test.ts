import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { controlPlaneOf } from "../cluster/cluster-config.ts";
import { clusterFromEnvironment } from "./cluster-environment.ts";
import { controlPlaneUserId, credentialsOf } from "./credentials.ts";

interface Service {
  readonly command?: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[] | { readonly cluster: { readonly ipv4_address: string } };
}

const repository = join(import.meta.dirname, "../../..");
const file = parse(readFileSync(join(repository, "docker-compose.yml"), "utf8"), { merge: true });
const services = file.services as Readonly<Record<string, Service>>;
// Variables of the person who runs it are left at their defaults.
const environment = Object.fromEntries(
  Object.entries(file["x-cluster"] as Record<string, string>).filter(([, value]) => !value.includes("${")),
);
const config = clusterFromEnvironment(environment);
const addressOf = (service: string) => {
  const networks = services[service]?.networks;
  return networks && "cluster" in networks ? networks.cluster.ipv4_address : undefined;
};

describe("docker-compose.yml", () => {
  for (const { name, pairs, files } of credentialsOf(config)) {
    it(`gives ${name} the volume that init fills for it, and names no file that is not in it`, () => {
      expect(services["init"]?.volumes).to.include(`${name}-credentials:/credentials/${name}`);
      expect(services[name]?.volumes).to.include(`${name}-credentials:/etc/tskube:ro`);
      expect(file.volumes).to.have.property(`${name}-credentials`);
      const there = ["ca.crt", ...files, ...pairs.flatMap((pair) => [`${pair}.crt`, `${pair}.key`])];
      const named = (services[name]?.command ?? []).flatMap(
        (flag) => /=\/etc\/tskube\/pki\/(.+)$/.exec(flag)?.[1] ?? [],
      );
      expect(there).to.include.members(named);
    });
  }

  it("gives containers the addresses that their certificates name", () => {
    expect(addressOf("apiserver")).to.equal(controlPlaneOf(config).address);
    expect(services["apiserver"]?.command).to.include(`--advertise-address=${controlPlaneOf(config).address}`);
    for (const { name, address } of config.nodes.filter(({ role }) => role === "worker"))
      expect(addressOf(name), name).to.equal(address);
  });

  it("tells programs the same networks as the workers", () => {
    const flags = Object.values(services).flatMap(({ command }) => command ?? []);
    const values = (flag: string) =>
      new Set(flags.flatMap((each) => (each.startsWith(`${flag}=`) ? [each.slice(flag.length + 1)] : [])));
    expect([...values("--service-cluster-ip-range")]).to.deep.equal([config.serviceSubnet]);
    expect([...values("--cluster-cidr")]).to.deep.equal([config.podSubnet]);
  });

  it("runs the control plane as the user whom its keys belong to", () => {
    const dockerfile = readFileSync(join(repository, "deploy/images/Dockerfile"), "utf8");
    expect(dockerfile).to.contain(`\nUSER ${controlPlaneUserId}:${controlPlaneUserId}\n`);
    expect(dockerfile).to.contain(`install -d -o ${controlPlaneUserId} -g ${controlPlaneUserId} -m 0700 /var/lib/etcd`);
  });
});
