import { expect } from "chai";
import { resources } from "../resources/index.ts";
import { typeNames } from "../schema/index.ts";
import { definitionName, openapiV2, openapiV3 } from "./index.ts";

type Json = Record<string, unknown>;

const info = { title: "Kubernetes", version: "v1.35.0" };

/** The value under a path of keys. */
function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce((inner, key) => (inner as Json | undefined)?.[key], value);
}

/** Every reference in a document. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner),
  );
}

describe("definitionName", () => {
  it("is upstream's", () => {
    expect(
      ["core/v1.Pod", "meta/v1.ObjectMeta", "rbac.authorization.k8s.io/v1.Role"].map(definitionName),
    ).to.deep.equal([
      "io.k8s.api.core.v1.Pod",
      "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
      "io.k8s.api.rbac.v1.Role",
    ]);
  });

  it("tells all types apart", () => {
    const names = typeNames().map(definitionName);
    expect(new Set(names).size).to.equal(names.length);
  });
});

describe("openapiV3", () => {
  const apps = openapiV3({ group: "apps", version: "v1" }, info) as Json;
  const schemas = at(apps, "components", "schemas");

  it("holds every definition that it refers to, in every group version", () => {
    for (const version of resources.groups.flatMap((group) => group.versions)) {
      const document = openapiV3(version, info);
      const known = at(document, "components", "schemas") as Json;
      const missing = references(document).filter((ref) => !known[ref.slice("#/components/schemas/".length)]);
      expect(missing, `${version.group}/${version.version}`).to.deep.equal([]);
    }
  });

  it("says of which kind a definition is", () => {
    expect(at(schemas, "io.k8s.api.apps.v1.Deployment", "x-kubernetes-group-version-kind")).to.deep.equal([
      { group: "apps", kind: "Deployment", version: "v1" },
    ]);
  });

  it("carries what merging needs", () => {
    expect(at(schemas, "io.k8s.api.core.v1.PodSpec", "properties", "containers")).to.deep.equal({
      type: "array",
      items: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }], default: {} },
      "x-kubernetes-list-map-keys": ["name"],
      "x-kubernetes-list-type": "map",
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge",
    });
    expect(at(schemas, "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector", "x-kubernetes-map-type")).to.equal(
      "atomic",
    );
  });

  it("carries defaults, enumerations and required fields", () => {
    expect(at(schemas, "io.k8s.api.core.v1.ContainerPort", "properties", "protocol")).to.include({ default: "TCP" });
    expect(at(schemas, "io.k8s.api.core.v1.ContainerPort", "required")).to.deep.equal(["containerPort"]);
    expect(at(schemas, "io.k8s.api.apps.v1.DeploymentStrategy", "properties", "type", "enum")).to.deep.equal([
      "Recreate",
      "RollingUpdate",
    ]);
  });

  it("lets clients see that patches take field validation and dry run", () => {
    const patch = at(apps, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch");
    const names = (at(patch, "parameters") as { name: string }[]).map(({ name }) => name);
    expect(names).to.include.members(["dryRun", "fieldManager", "fieldValidation", "force"]);
    expect(patch).to.deep.include({
      operationId: "patchAppsV1NamespacedDeployment",
      "x-kubernetes-group-version-kind": { group: "apps", version: "v1", kind: "Deployment" },
    });
  });

  it("names every operation once", () => {
    for (const version of resources.groups.flatMap((group) => group.versions)) {
      const items = Object.values((openapiV3(version, info) as { paths: Json }).paths) as Json[];
      const ids = items.flatMap((item) =>
        Object.values(item).flatMap((operation) => at(operation, "operationId") ?? []),
      );
      expect(new Set(ids).size, version.group).to.equal(ids.length);
    }
  });

  it("takes texts from outside", () => {
    const descriptions = {
      "core/v1.Pod": { "": "A pod.", spec: "Its wishes." },
      "core/v1.PodStatus": { "": "A state." },
    };
    const core = openapiV3({ group: "", version: "v1" }, info, descriptions);
    const pod = at(core, "components", "schemas", "io.k8s.api.core.v1.Pod");
    expect(pod).to.include({ description: "A pod." });
    expect(at(pod, "properties", "spec", "description")).to.equal("Its wishes.");
    expect(at(pod, "properties", "status", "description")).to.equal("A state.");
  });

  it("knows nothing of groups that are not built in", () => {
    expect(openapiV3({ group: "example.com", version: "v1" }, info)).to.equal(undefined);
  });
});

describe("openapiV2", () => {
  const document = openapiV2(info);

  it("holds every definition that it refers to", () => {
    const known = document["definitions"] as Json;
    expect(references(document).filter((ref) => !known[ref.slice("#/definitions/".length)])).to.deep.equal([]);
  });

  it("puts nothing but words beside references", () => {
    expect(at(document, "definitions", "io.k8s.api.apps.v1.Deployment", "properties", "spec")).to.deep.equal({
      $ref: "#/definitions/io.k8s.api.apps.v1.DeploymentSpec",
    });
  });

  it("leaves out versions that are not served by default", () => {
    expect(Object.keys(document["paths"] as Json).filter((path) => /alpha|beta/.test(path))).to.deep.equal([]);
  });
});
