import type { StorageVersionMigration } from "@tskube/api";
import { type FieldError, field, formatGroupResource, Path, validateImmutable } from "@tskube/apimachinery";
import { column, nameColumn } from "../cells.ts";
import { type StrategyList, strategyFor } from "../strategy-list.ts";

const resourcePath = Path.of("spec", "resource");

export function validateMigration({ spec }: StorageVersionMigration): FieldError[] {
  if (spec?.resource?.resource) return [];
  return [field.required(resourcePath.child("resource"), "resource is required")];
}

/** What is migrated stays; another resource is another migration. */
export function validateMigrationUpdate(object: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  const kept = validateImmutable(object.spec?.resource, old.spec?.resource, resourcePath);
  return [...validateMigration(object), ...kept];
}

export const migrationStrategies: StrategyList = {
  "storageversionmigrations.storagemigration.k8s.io": strategyFor<StorageVersionMigration>({
    columns: {
      definitions: [nameColumn, column("Resource", "Fully qualified resource to migrate")],
      cells: ({ metadata, spec }) => {
        const { group = "", resource = "" } = spec?.resource ?? {};
        return [metadata.name, formatGroupResource({ group, resource })];
      },
    },
    validate: validateMigration,
    validateUpdate: validateMigrationUpdate,
  }),
};
