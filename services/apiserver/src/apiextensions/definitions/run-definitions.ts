import type { apiextensionsV1 } from "@tskube/api";
import { isConflict, isNotFound } from "@tskube/apimachinery";
import { backoffMs, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import { type NewCondition, setCondition } from "./conditions.ts";
import { type Rival, rivalOf } from "./names.ts";
import { planStatus } from "./plan-status.ts";
import { cleanupFinalizer } from "./strategy.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

/** What is served, as far as the controllers of definitions have to do with it. */
export interface Serving {
  follow(definition: Definition): void;
  forget(name: string): void;
  deleteObjects(name: string, signal: AbortSignal): Promise<number>;
}

export interface DefinitionsDeps {
  readonly objects: LocalObjects;
  readonly serving: Serving;
  readonly clock: Clock;
  readonly logger: Logger;
}

const definitions = { group: "apiextensions.k8s.io", resource: "customresourcedefinitions" };
const retry = { baseMs: 20, maxMs: 5_000 };
/** How often a definition that is going looks whether its last objects are gone. */
const drainMs = 100;

/**
 * Serves what established definitions define, decides their names and conditions, and empties those that are being deleted. Returns a way to
 * end it.
 */
export function runDefinitions(deps: DefinitionsDeps): () => Promise<void> {
  const stopping = new AbortController();
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  // Definitions are large: of the others, their names are remembered.
  const rivals = new Map<string, Rival>();
  const reader = deps.objects.reader<Definition>(definitions);
  const touch = (name: string): void => {
    const worker = running.get(name);
    if (worker) {
      worker.again = true;
      return;
    }
    const started = { again: false, done: Promise.resolve() };
    running.set(name, started);
    started.done = work(name, started).finally(() => running.delete(name));
  };
  const work = async (name: string, self: { again: boolean }): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      self.again = false;
      try {
        const definition = reader.get("", name);
        const waitMs = definition ? await reconcile(deps, definition, rivals.values(), stopping.signal) : 0;
        failures = 0;
        if (waitMs > 0) await sleep(deps.clock, waitMs, stopping.signal);
        else if (!self.again) return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!isConflict(error) && !isNotFound(error)) {
          deps.logger.warn({ definition: name, reason: errorMessage(error) }, "custom resource definition not settled");
        }
        await sleep(deps.clock, backoffMs(failures++, retry), stopping.signal).catch(() => {});
      }
    }
  };
  const unsubscribe = reader.subscribe((change) => {
    const { name } = change.object.metadata;
    if (change.type === "DELETED") {
      deps.serving.forget(name);
      rivals.delete(name);
      // The names that it had are free now.
      for (const other of rivals.values()) if (other.group === change.object.spec.group) touch(other.name);
      return;
    }
    rivals.set(name, rivalOf(change.object));
    deps.serving.follow(change.object);
    touch(name);
  });
  return async () => {
    unsubscribe();
    stopping.abort();
    await Promise.all([...running.values()].map(({ done }) => done));
  };
}

/** Brings one definition a step on; returns after how many milliseconds to look again, 0 for when it changes. */
async function reconcile(
  deps: DefinitionsDeps,
  definition: Definition,
  others: Iterable<Rival>,
  signal: AbortSignal,
): Promise<number> {
  const { deletionTimestamp, finalizers } = definition.metadata;
  if (deletionTimestamp && finalizers?.includes(cleanupFinalizer)) return drain(deps, definition, signal);
  const status = planStatus(definition, others, deps.clock.now());
  if (status !== definition.status) await deps.objects.updateStatus(definitions, "", { ...definition, status });
  return 0;
}

async function drain(
  { objects, serving, clock }: DefinitionsDeps,
  definition: Definition,
  signal: AbortSignal,
): Promise<number> {
  const going: NewCondition = {
    type: "Terminating",
    status: "True",
    reason: "InstanceDeletionInProgress",
    message: "CustomResource deletion is in progress",
  };
  let current = await withStatus(objects, definition, going, clock.now());
  const left = await serving.deleteObjects(definition.metadata.name, signal);
  if (left > 0) return drainMs;
  const gone = { ...going, status: "False", reason: "InstanceDeletionCompleted", message: "removed all instances" };
  current = await withStatus(objects, current, gone, clock.now());
  const finalizers = current.metadata.finalizers?.filter((finalizer) => finalizer !== cleanupFinalizer);
  await objects.update(definitions, "", { ...current, metadata: { ...current.metadata, finalizers } });
  return 0;
}

async function withStatus(
  objects: LocalObjects,
  definition: Definition,
  condition: NewCondition,
  nowMs: number,
): Promise<Definition> {
  const { status } = definition;
  if (!status) return definition;
  const conditions = setCondition(status.conditions, condition, nowMs);
  if (conditions === status.conditions) return definition;
  return objects.updateStatus(definitions, "", { ...definition, status: { ...status, conditions: [...conditions] } });
}
