import { isNotFound } from "@tskube/apimachinery";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { type ControlledApi, openControlled } from "./open-controlled.ts";

const podSpec = { terminationGracePeriodSeconds: 0, containers: [{ name: "pause", image: "pause" }] };

describe("conformance: namespaces and what controllers do for them", function () {
  this.timeout(60_000);
  let api: ControlledApi;
  before(async () => {
    api = await openControlled();
  });
  after(() => api.close());

  const isGone = (namespace: string) =>
    eventually(async () => {
      const found = await api.client
        .namespaces()
        .get(namespace)
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      expect(found).to.equal(undefined);
    });

  it("[sig-api-machinery] Namespaces should ensure that all pods are removed when a namespace is deleted [Conformance] [Serial]", async () => {
    await api.namespace("nsdelete-pods");
    await api.client.pods("nsdelete-pods").create({ metadata: { name: "test-pod" }, spec: podSpec });
    await api.client.namespaces().delete("nsdelete-pods");
    await isGone("nsdelete-pods");
    await api.namespace("nsdelete-pods");
    expect((await api.client.pods("nsdelete-pods").list()).items).to.deep.equal([]);
  });

  it("[sig-api-machinery] Namespaces should ensure that all services are removed when a namespace is deleted [Conformance] [Serial]", async () => {
    await api.namespace("nsdelete-services");
    const services = api.client.services("nsdelete-services");
    await services.create({
      metadata: { name: "test-service" },
      spec: { selector: { a: "b" }, ports: [{ port: 80 }] },
    });
    await api.client.namespaces().delete("nsdelete-services");
    await isGone("nsdelete-services");
    await api.namespace("nsdelete-services");
    expect((await services.list()).items).to.deep.equal([]);
  });

  it("[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]", async () => {
    await api.namespace("nsdelete-ordered");
    const [pods, configMaps] = [api.client.pods("nsdelete-ordered"), api.client.configmaps("nsdelete-ordered")];
    await pods.create({ metadata: { name: "held", finalizers: ["e2e.example.com/finalizer"] }, spec: podSpec });
    await configMaps.create({ metadata: { name: "waits" }, data: { key: "value" } });
    await api.client.namespaces().delete("nsdelete-ordered");
    await eventually(async () => expect((await pods.get("held")).metadata.deletionTimestamp).to.be.a("string"));
    await eventually(async () => {
      const { status } = await api.client.namespaces().get("nsdelete-ordered");
      const condition = status?.conditions?.find(({ type }) => type === "NamespaceFinalizersRemaining");
      expect(condition).to.include({ status: "True", reason: "SomeFinalizersRemain" });
    });
    expect((await configMaps.get("waits")).metadata.deletionTimestamp).to.equal(undefined);
    await pods.patch("held", { metadata: { finalizers: [] } }, { type: "merge" });
    await isGone("nsdelete-ordered");
  });

  it("[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]", async () => {
    await api.namespace("root-ca");
    const configMaps = api.client.configmaps("root-ca");
    const bundle = () =>
      eventually(async () => {
        const { data } = await configMaps.get("kube-root-ca.crt");
        expect(data?.["ca.crt"]).to.match(/^-----BEGIN CERTIFICATE-----/);
        return data;
      });
    const published = await bundle();
    await configMaps.delete("kube-root-ca.crt");
    expect(await bundle()).to.deep.equal(published);
    await configMaps.patch("kube-root-ca.crt", { data: { "ca.crt": "", other: "bad" } });
    expect(await bundle()).to.deep.equal(published);
  });
});
