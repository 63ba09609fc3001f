import type { FlowSchema, KubeObject, PriorityLevelConfiguration } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { ensure } from "../../bootstrap/ensure.ts";
import type { GroupResource, LocalObjects } from "../../registry/objects.ts";
import { flowSchemaResource, priorityLevelResource } from "../follow-objects.ts";
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from "./mandatory-objects.ts";
import { isObsolete, planObject } from "./plan-object.ts";
import { suggestedFlowSchemas, suggestedPriorityLevels } from "./suggested-objects.ts";

export interface KeepDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

const periodMs = 60_000;
const retryMs = 1_000;

/**
 * Keeps the server's own schemas and levels, until `signal` aborts: what is missing is made, what differs is set right as far as its
 * annotation lets, and what is not wanted any more goes. Writes nothing when all is well; safe in several servers at once. `onReady` is
 * called when all was well for the first time.
 */
export async function keepFlowObjects(deps: KeepDeps, signal: AbortSignal, onReady: () => void): Promise<void> {
  while (!signal.aborted) {
    const isDone = await keepOnce(deps);
    if (isDone) onReady();
    await sleep(deps.clock, isDone ? periodMs : retryMs, signal);
  }
}

async function keepOnce(deps: KeepDeps): Promise<boolean> {
  try {
    // Levels first: a schema without its level is nothing.
    await keepAll<PriorityLevelConfiguration>(
      deps,
      priorityLevelResource,
      mandatoryPriorityLevels,
      suggestedPriorityLevels,
    );
    await keepAll<FlowSchema>(deps, flowSchemaResource, mandatoryFlowSchemas, suggestedFlowSchemas);
    return true;
  } catch (error) {
    deps.logger.warn({ reason: errorMessage(error) }, "cannot write flow control's own objects yet");
    return false;
  }
}

async function keepAll<T extends KubeObject & { readonly spec: unknown }>(
  { objects }: KeepDeps,
  resource: GroupResource,
  mandatory: readonly T[],
  suggested: readonly T[],
): Promise<void> {
  const keep = (wanted: readonly T[], isMandatory: boolean) =>
    wanted.map((one) => ensure(objects, resource, one, (present) => planObject(present, one, isMandatory)));
  await Promise.all([...keep(mandatory, true), ...keep(suggested, false)]);
  const names = new Set([...mandatory, ...suggested].map(({ metadata }) => metadata.name));
  const obsolete = objects
    .reader<T>(resource)
    .list()
    .filter((present) => isObsolete(present, names));
  await Promise.all(obsolete.map((present) => remove(objects, resource, present)));
}

async function remove(objects: LocalObjects, resource: GroupResource, { metadata }: KubeObject): Promise<void> {
  try {
    await objects.delete(resource, "", metadata.name, metadata.uid ? { uid: metadata.uid } : {});
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
