import type { KubeObject } from "@tskube/api";
import { field, type ManagedFieldsEntry, Path, validateManagedFields } from "@tskube/apimachinery";

type Managers = KubeObject["metadata"]["managedFields"];

/** Puts back the managers that there were before admission when what it left of them could not be read; `warn` is told. */
export function keepReadableManagers(object: KubeObject, before: Managers, warn: (message: string) => void): void {
  const { managedFields } = object.metadata;
  if (managedFields === before || !managedFields?.length) return;
  const errors = validateManagedFields(
    managedFields as readonly ManagedFieldsEntry[],
    Path.of("metadata", "managedFields"),
  );
  if (errors.length === 0) return;
  if (before) object.metadata.managedFields = before;
  else delete object.metadata.managedFields;
  const why = field.aggregateMessage(errors);
  warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${why}`,
  );
}
