import type { apiextensionsV1, GroupInfo } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import type { Clock, Logger } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import { type APIService, apiServices, nameOf } from "../api-service/api-service.ts";
import { isAvailable } from "../api-service/conditions.ts";
import { startKeyedWorkers } from "../keyed-workers.ts";
import { planRegistration } from "./plan.ts";
import { builtInServices, customServices } from "./wanted.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export interface RegistrationDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Registration {
  /** Names of built-in groups' versions whose APIService has not been seen available yet. */
  missing(): readonly string[];
  close(): Promise<void>;
}

const definitions = { group: "apiextensions.k8s.io", resource: "customresourcedefinitions" };
/** A first start writes all of them; more at once would only wait for each other in the store. */
const workerCount = 8;

/**
 * Keeps the APIServices of all that this server answers for itself: `builtIn` groups and custom resources. Only what is missing or different is
 * written.
 */
export function startRegistration(builtIn: readonly GroupInfo[], deps: RegistrationDeps): Registration {
  const reader = deps.objects.reader<APIService>(apiServices);
  const definitionReader = deps.objects.reader<Definition>(definitions);
  const fixed = builtInServices(builtIn);
  const atStart = new Set(reader.list().map(({ metadata }) => metadata.name));
  const settled = new Set<string>();
  const pending = new Set(fixed.keys());
  /** Undefined until somebody asks for it again: definitions come in crowds. */
  let custom: ReadonlyMap<string, APIService> | undefined;
  const wanted = (name: string) => {
    custom ??= customServices(definitionReader.list(), (one) => fixed.has(one));
    return fixed.get(name) ?? custom.get(name);
  };

  const workers = startKeyedWorkers("autoregister", workerCount, {
    ...deps,
    async reconcile(name) {
      const step = planRegistration({
        wanted: wanted(name),
        present: reader.get("", name),
        isSettled: settled.has(name),
        wasThereAtStart: atStart.has(name),
      });
      await carryOut(deps.objects, step);
      settled.add(name);
      return undefined;
    },
  });

  const stopServices = reader.subscribe(({ type, object }) => {
    if (type !== "DELETED" && isAvailable(object)) pending.delete(object.metadata.name);
    workers.add(object.metadata.name);
  });
  const stopDefinitions = definitionReader.subscribe((change) => {
    custom = undefined;
    for (const name of namesOf(change.object)) workers.add(name);
    if (change.type === "MODIFIED" && change.old) for (const name of namesOf(change.old)) workers.add(name);
  });
  for (const name of fixed.keys()) workers.add(name);
  return {
    missing: () => [...pending],
    async close() {
      stopServices();
      stopDefinitions();
      await workers.close();
    },
  };
}

function namesOf({ spec }: Definition): string[] {
  return spec.versions.map(({ name }) => nameOf({ group: spec.group, version: name }));
}

async function carryOut(objects: LocalObjects, step: ReturnType<typeof planRegistration>): Promise<void> {
  if (step.do === "create") await objects.create(apiServices, "", step.object);
  else if (step.do === "update") await objects.update(apiServices, "", step.object);
  else if (step.do === "delete") await deleteExactly(objects, step.object);
}

/** What somebody else has put in its place must not be taken away. */
async function deleteExactly(objects: LocalObjects, { metadata }: APIService): Promise<void> {
  try {
    await objects.delete(apiServices, "", metadata.name, metadata.uid ? { uid: metadata.uid } : {});
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
