import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fieldDescription, loadDescriptions } from "./descriptions.ts";

describe("loadDescriptions", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "api-descriptions-"));
    mkdirSync(join(root, "a/b"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const texts = { "core/v1.Pod": { "": "A pod." } };

  it("finds the build's file beside the program or above it", () => {
    writeFileSync(join(root, "a/api-descriptions.json"), JSON.stringify(texts));
    expect(loadDescriptions(join(root, "a"))).to.deep.equal(texts);
    expect(loadDescriptions(join(root, "a/b"))).to.deep.equal(texts);
  });

  it("finds it in the built folder of a working tree", () => {
    mkdirSync(join(root, "dist"), { recursive: true });
    writeFileSync(join(root, "dist/api-descriptions.json"), JSON.stringify(texts));
    expect(loadDescriptions(join(root, "a/b"))).to.deep.equal(texts);
  });

  it("is content with none", () => {
    expect(loadDescriptions(join(root, "a/b"))).to.deep.equal({});
  });
});

describe("fieldDescription", () => {
  it("knows the names that documentation makes of what is no identifier", () => {
    const descriptions = { "core/v1.Pod": { x_kubernetes_map_type: "A map.", ref: "A reference." } };
    expect(fieldDescription(descriptions, "core/v1.Pod", "x-kubernetes-map-type")).to.equal("A map.");
    expect(fieldDescription(descriptions, "core/v1.Pod", "$ref")).to.equal("A reference.");
    expect(fieldDescription(descriptions, "core/v1.Node", "spec")).to.equal(undefined);
  });
});
