import type { GroupInfo, ResourceInfo } from "@tskube/api";
import { expect } from "chai";
import { type RemoteVersion, servedGroups } from "./served-groups.ts";

function local(name: string, priority: number, versions: Readonly<Record<string, number>>): GroupInfo {
  const resource = { resource: "things", kind: "Thing", verbs: [], shortNames: [], categories: [], subresources: [] };
  return {
    name,
    priority,
    versions: Object.entries(versions).map(([version, versionPriority]) => ({
      group: name,
      version,
      priority: versionPriority,
      servedByDefault: true,
      resources: [{ ...resource, group: name, version } as unknown as ResourceInfo],
    })),
  };
}

function remote(group: string, version: string, priorities: readonly [number, number]): RemoteVersion {
  return {
    group,
    version,
    priorities: { group: priorities[0], version: priorities[1] },
    resources: [],
    isStale: false,
  };
}

const shown = (groups: ReturnType<typeof servedGroups>) =>
  groups.map(({ name, versions }) => `${name}: ${versions.map(({ version }) => version).join(" ")}`);

describe("groups in discovery", () => {
  it("come by priority, then by name", () => {
    const groups = servedGroups(
      [local("b.example", 1000, { v1: 100 }), local("apps", 17_800, { v1: 15 })],
      [remote("z.example", "v1", [2000, 15]), remote("a.example", "v1", [1000, 15])],
    );
    expect(shown(groups)).to.deep.equal(["apps: v1", "z.example: v1", "a.example: v1", "b.example: v1"]);
  });

  it("have the version first that is wanted most, among equals the most stable and newest", () => {
    const groups = servedGroups(
      [local("x", 1000, { v1beta1: 100, v2: 100 })],
      [remote("x", "v1alpha1", [1000, 200]), remote("x", "v10", [1000, 100])],
    );
    expect(shown(groups)).to.deep.equal(["x: v1alpha1 v10 v2 v1beta1"]);
  });

  it("are where the version with the highest priority puts them", () => {
    const groups = servedGroups(
      [local("x", 1000, { v1: 100 }), local("y", 1500, { v1: 15 })],
      [remote("x", "v2", [3000, 1])],
    );
    expect(shown(groups)).to.deep.equal(["x: v1 v2", "y: v1"]);
  });

  it("show what another server has in the place of what this one would", () => {
    const [group] = servedGroups(
      [local("x", 1000, { v1: 100 })],
      [{ ...remote("x", "v1", [1000, 100]), isStale: true }],
    );
    expect(group?.versions).to.have.length(1);
    expect(group?.versions[0]).to.deep.include({ version: "v1", resources: [], isStale: true });
  });
});
