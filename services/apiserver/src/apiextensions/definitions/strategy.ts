import type { apiextensionsV1 } from "@tskube/api";
import { deepEqual, formatTime } from "@tskube/apimachinery";
import type { Strategy } from "../../registry/strategy.ts";
import { definitionColumns } from "./columns.ts";
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from "./validate.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** How definitions are written: they begin with no names accepted, and stay until their objects are gone. */
export const customResourceDefinitions: Strategy<Definition> = {
  hasGeneration: true,
  columns: definitionColumns,
  prepareForCreate(definition) {
    definition.status = { conditions: [], acceptedNames: { plural: "", kind: "" }, storedVersions: [] };
    rememberStorage(definition);
  },
  prepareForUpdate(definition, old) {
    if (!deepEqual(definition.spec, old.spec)) rememberStorage(definition);
  },
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  status: { validateUpdate: validateDefinitionStatus },
  isHeld({ metadata }) {
    return metadata.deletionTimestamp === undefined || metadata.finalizers?.includes(cleanupFinalizer) === true;
  },
  onMarkedForDeletion(definition) {
    const { metadata } = definition;
    if (!metadata.finalizers?.includes(cleanupFinalizer)) {
      metadata.finalizers = [...(metadata.finalizers ?? []), cleanupFinalizer];
    }
    const conditions = definition.status?.conditions.filter(({ type }) => type !== "Terminating") ?? [];
    const message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    const lastTransitionTime = metadata.deletionTimestamp ?? formatTime(0);
    const pending = { type: "Terminating", status: "True", reason: "InstanceDeletionPending", message };
    if (definition.status) definition.status.conditions = [...conditions, { ...pending, lastTransitionTime }];
  },
};

/** Objects may be stored in every version that ever was the storage version. */
function rememberStorage({ spec, status }: Definition): void {
  const storage = spec.versions.find((version) => version.storage)?.name;
  if (!status || storage === undefined || status.storedVersions.includes(storage)) return;
  status.storedVersions = [...status.storedVersions, storage];
}
