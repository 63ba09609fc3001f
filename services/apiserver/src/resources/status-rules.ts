import { type KubeObject, normalize } from "@tskube/api";
import type { TypeName } from "@tskube/apimachinery";
import type { Strategy, UpdateRules } from "../registry/strategy.ts";

type WithStatus = KubeObject & { status?: unknown };

/** Rules of writing a kind's status: all but the status and the metadata stays as it was. */
export function statusRules(strategy: Strategy): UpdateRules<KubeObject> {
  return {
    keepsGeneration: true,
    prepareForUpdate(object, old) {
      const { status, metadata } = object as WithStatus;
      for (const field of Object.keys(object)) delete (object as unknown as Record<string, unknown>)[field];
      Object.assign(object, old, { metadata: { ...metadata, ownerReferences: old.metadata.ownerReferences }, status });
      strategy.status?.prepareForUpdate?.(object, old);
    },
    validateUpdate: (object, old) => strategy.status?.validateUpdate?.(object, old) ?? [],
  };
}

/** How objects of a kind with a status subresource begin: with the status that `type` has when nobody has set any. */
export function createRules(strategy: Strategy, type: TypeName): Pick<Strategy, "prepareForCreate"> {
  const empty = normalize(type, {})["status"];
  return {
    prepareForCreate(object) {
      if (!strategy.keepsStatusOnCreate) {
        delete (object as WithStatus).status;
        if (empty !== undefined) (object as WithStatus).status = structuredClone(empty);
      }
      strategy.prepareForCreate?.(object);
    },
  };
}

/** Rules of writing the whole of a kind that has a status subresource: the status stays as it was. */
export function mainRules(strategy: Strategy): UpdateRules<KubeObject> {
  return {
    prepareForUpdate(object, old) {
      const { status } = old as WithStatus;
      if (status === undefined) delete (object as WithStatus).status;
      else (object as WithStatus).status = structuredClone(status);
      strategy.prepareForUpdate?.(object, old);
    },
    validateUpdate: (object, old) => strategy.validateUpdate?.(object, old) ?? [],
  };
}
