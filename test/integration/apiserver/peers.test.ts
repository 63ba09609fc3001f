import type { EndpointSlice, Service } from "@tskube/api";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import { type EtcdProcess, startEtcd } from "../store/etcd-process.ts";
import { eventually } from "./eventually.ts";
import { type Cluster, startCluster } from "./server-processes.ts";

describe("two apiservers on one etcd", function () {
  this.timeout(90_000);
  let etcd: EtcdProcess;
  let cluster: Cluster;
  let clients: readonly [Client, Client];
  const addresses = ["127.0.0.2", "127.0.0.3"] as const;

  before(async () => {
    etcd = await startEtcd();
    cluster = await startCluster(etcd.endpoints);
    const servers = await Promise.all(
      addresses.map((address) => cluster.start(address, ["--allow-loopback-endpoints"])),
    );
    clients = servers.map((server) => server.client) as [Client, Client];
  });
  after(async () => {
    await cluster?.stop();
    await etcd?.stop();
  });

  const aService = (name: string): Service => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { ports: [{ port: 80 }], type: "NodePort" },
  });
  const ownAddresses = async () => {
    const slice = (await clients[0].endpointslices("default").get("kubernetes")) as EndpointSlice;
    return slice.endpoints.flatMap((endpoint) => endpoint.addresses).sort();
  };

  it("write the default objects together and both stand behind the service kubernetes", async () => {
    await eventually(async () => expect(await ownAddresses()).to.deep.equal(addresses));
  });

  it("show each what the other wrote, at once", async () => {
    const metadata = { name: "m", namespace: "default" };
    const written = await clients[0].configmaps("default").create({ apiVersion: "v1", kind: "ConfigMap", metadata });
    const read = await clients[1].configmaps("default").get("m");
    expect(read).to.deep.equal(written);
    const { items } = await clients[1].configmaps("default").list();
    expect(items.map((item) => item.metadata.name)).to.include("m");
  });

  it("tell watchers of each what is written through the other", async () => {
    const stop = new AbortController();
    const { metadata } = await clients[1].configmaps("default").list();
    const options = { resourceVersion: metadata.resourceVersion ?? "", signal: stop.signal };
    const names = Array.from({ length: 20 }, (_, index) => `w${index}`);
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of clients[1].configmaps("default").watch(options)) {
        if (event.type === "ADDED") seen.push(event.object.metadata.name);
        if (seen.length === names.length) break;
      }
    })();
    await Promise.all(
      names.map((name, index) =>
        clients[index % 2 === 0 ? 0 : 1]
          .configmaps("default")
          .create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } }),
      ),
    );
    await watching;
    stop.abort();
    expect([...seen].sort()).to.deep.equal([...names].sort());
  });

  it("never give one address or node port to two services", async () => {
    const created = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        clients[index % 2 === 0 ? 0 : 1].services("default").create(aService(`s${index}`)),
      ),
    );
    const ips = new Set(created.map(({ spec }) => spec?.clusterIP));
    const ports = new Set(created.map(({ spec }) => spec?.ports?.[0]?.nodePort));
    expect([ips.size, ports.size]).to.deep.equal([60, 60]);
  });

  it("lose the address of one that is killed", async () => {
    await cluster.kill(addresses[1]);
    await eventually(async () => expect(await ownAddresses()).to.deep.equal([addresses[0]]), 40_000);
  });
});
