import type { admissionregistrationV1 } from "@tskube/api";
import { isConflict, isNotFound } from "@tskube/apimachinery";
import { errorMessage, type Logger } from "@tskube/base";
import type { LocalObjects } from "../../../registry/objects.ts";
import { checkPolicy, type KindTypes } from "./check-policy.ts";

type Policy = admissionregistrationV1.ValidatingAdmissionPolicy;

export interface TypeCheckingDeps {
  readonly objects: LocalObjects;
  readonly types: KindTypes;
  readonly logger: Logger;
}

const resource = { group: "admissionregistration.k8s.io", resource: "validatingadmissionpolicies" };

/** Checks every ValidatingAdmissionPolicy against the kinds that it names and writes what it finds to its status, until the returned function is called. */
export function runTypeChecking(deps: TypeCheckingDeps): () => Promise<void> {
  const waiting = new Map<string, Policy>();
  let isStopped = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    for (let next = waiting.entries().next(); !next.done && !isStopped; next = waiting.entries().next()) {
      const [name, policy] = next.value;
      waiting.delete(name);
      await writeStatus(policy, deps);
    }
    working = undefined;
  };
  const unsubscribe = deps.objects.reader<Policy>(resource).subscribe(({ type, object }) => {
    const { name, generation = 0 } = object.metadata;
    if (type === "DELETED" || object.status?.observedGeneration === generation) return void waiting.delete(name);
    waiting.set(name, object);
    // The write that is being told of must not wait for this one.
    working ??= Promise.resolve().then(work);
  });
  return async () => {
    isStopped = true;
    unsubscribe();
    await working;
  };
}

/** Whoever changed the policy meanwhile will be told of by the next change; another server may have been faster. */
async function writeStatus(policy: Policy, { objects, types, logger }: TypeCheckingDeps): Promise<void> {
  const { name, generation } = policy.metadata;
  try {
    const expressionWarnings = checkPolicy(policy, types);
    const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
    const status = { ...policy.status, observedGeneration: generation, typeChecking };
    await objects.updateStatus<Policy>(resource, "", { ...policy, status });
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return;
    logger.warn({ policy: name, error: errorMessage(error) }, "could not write what a policy's type check found");
  }
}
