import { expect } from "chai";
import { typeNameOf } from "../schema/index.ts";
import { resources, storageVersionHash } from "./index.ts";

describe("resources", () => {
  it("finds a resource by its path and by its kind", () => {
    const deployments = resources.byResource({ group: "apps", version: "v1", resource: "deployments" });
    expect(deployments).to.include({ kind: "Deployment", singular: "deployment", namespaced: true });
    expect(resources.byKind({ group: "apps", version: "v1", kind: "Deployment" })).to.equal(deployments);
  });

  it("describes every kind by a type of the schema, with its list and its stored form", () => {
    const unknown = resources.all().flatMap((info) => {
      const kinds = [info, ...info.subresources.map((sub) => sub.kind)];
      if (info.listKind) kinds.push({ ...info, kind: info.listKind });
      if (info.storage) kinds.push({ ...info, ...info.storage });
      return kinds.filter((kind) => typeNameOf(kind) === undefined).map(({ group, kind }) => `${group} ${kind}`);
    });
    expect(unknown).to.deep.equal([]);
  });

  it("prefers autoscaling/v2 and stores it for both versions", () => {
    const preferred = resources.preferred("autoscaling", "horizontalpodautoscalers");
    expect(preferred?.version).to.equal("v2");
    const older = resources.byResource({ group: "autoscaling", version: "v1", resource: "horizontalpodautoscalers" });
    expect(older?.storage).to.deep.equal({ group: "autoscaling", version: "v2" });
  });

  it("serves only stable versions by default", () => {
    const served = resources.all().filter((info) => info.servedByDefault);
    expect(served.filter(({ version }) => /alpha|beta/.test(version))).to.deep.equal([]);
    expect(served.length).to.be.greaterThan(60);
  });

  it("gives the subresources their own kinds", () => {
    const pods = resources.byResource({ group: "", version: "v1", resource: "pods" });
    const eviction = pods?.subresources.find(({ name }) => name === "eviction");
    expect(eviction?.kind).to.deep.equal({ group: "policy", version: "v1", kind: "Eviction" });
  });
});

describe("storageVersionHash", () => {
  const hashOf = (group: string, version: string, resource: string) => {
    const info = resources.byResource({ group, version, resource });
    return info && storageVersionHash(info);
  };

  it("equals upstream's", () => {
    expect(hashOf("", "v1", "configmaps")).to.equal("qFsyl6wFWjQ=");
    expect(hashOf("events.k8s.io", "v1", "events")).to.equal("r2yiGXH7wu8=");
    expect(hashOf("autoscaling", "v1", "horizontalpodautoscalers")).to.equal("qwQve8ut294=");
  });

  it("is absent for what is never stored", () => {
    expect(hashOf("authentication.k8s.io", "v1", "tokenreviews")).to.equal(undefined);
  });
});
