import type { StorageVersionMigration } from "@tskube/api";
import { expect } from "chai";
import { checkCases, completed, texts } from "../testing/errors-of.ts";
import { migrationStrategies, validateMigration, validateMigrationUpdate } from "./strategies.ts";

describe("a migration of what is stored", () => {
  const kind = ["storagemigration.k8s.io/v1", "StorageVersionMigration"] as const;
  const of = (group: string, resource: string) =>
    completed<StorageVersionMigration>(...kind, { spec: { resource: { group, resource } } });

  checkCases<StorageVersionMigration>(kind, validateMigration, [
    ["is of a resource", { spec: {} }, ["spec.resource.resource: Required value: resource is required"]],
  ]);

  it("is of the same for ever, and shows of which", () => {
    expect(texts(validateMigrationUpdate(of("apps", "deployments"), of("", "secrets")))).to.deep.equal([
      'spec.resource: Invalid value: {"group":"apps","resource":"deployments"}: field is immutable',
    ]);
    const { columns } = migrationStrategies["storageversionmigrations.storagemigration.k8s.io"] ?? {};
    expect(columns?.cells(of("apps", "deployments"))).to.deep.equal(["x", "deployments.apps"]);
  });
});
