import type { Eviction, Pod, PodDisruptionBudget } from "@tskube/api";
import {
  badRequest,
  formatTime,
  internalError,
  isConflict,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  StatusError,
  tooManyRequests,
} from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Handler } from "../http/context.ts";
import type { LocalObjects } from "../registry/objects.ts";
import { builtInCodec } from "../resources/built-in-codec.ts";
import { bodyFormat, readBody } from "../resources/read-body.ts";
import { readObject } from "../resources/read-objects.ts";
import { sendJson } from "../resources/respond.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { decodeRequest, dryRunOf, writeScope } from "../resources/write-options.ts";

const codec = builtInCodec({ group: "policy", version: "v1", kind: "Eviction" }, "policy/v1.Eviction");
const budgetResource = { group: "policy", resource: "poddisruptionbudgets" };
/** Budgets are written by their controller too; after that many lost races the client may try again. */
const maxAttempts = 20;

export interface EvictionDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
}

/** Answers `pods/NAME/eviction`: deletes a pod unless that breaks its disruption budget. */
export function serveEviction(pods: ServedResource, deps: EvictionDeps): Handler {
  return async (context) => {
    const { exchange, info } = context;
    const format = bodyFormat(exchange);
    const eviction = codec.decode(
      await readBody(exchange),
      format,
      decodeRequest(context, "CreateOptions"),
    ) as Eviction;
    const { name } = info;
    if (eviction.metadata.name && eviction.metadata.name !== name) {
      throw badRequest(`name in URL does not match name in Eviction object: ${eviction.metadata.name} != ${name}`);
    }
    const options = eviction.deleteOptions ?? {};
    const base = writeScope(context, "CreateOptions");
    const scope = { ...base, dryRun: base.dryRun || dryRunOf(options.dryRun ?? [], "DeleteOptions") };
    await pods.store.admit(scope, {
      operation: "CREATE",
      subresource: "eviction",
      kind: "Eviction",
      name,
      object: eviction,
    });
    const pod = (await readObject(pods, info.namespace, name, undefined)).object as Pod;
    if (needsBudget(pod)) await takeFromBudget(deps, pod, scope.dryRun);
    await pods.store.delete(scope, name, {
      admission: "none",
      ...(options.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
      ...(options.propagationPolicy && { propagationPolicy: options.propagationPolicy }),
      ...(options.preconditions?.uid && { uid: options.preconditions.uid }),
    });
    sendJson(exchange, 201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
  };
}

/** A pod that is over, not yet placed or already going is missed by nobody. */
function needsBudget({ metadata, status }: Pod): boolean {
  const isOver = status?.phase === "Succeeded" || status?.phase === "Failed" || status?.phase === "Pending";
  return !isOver && !metadata.deletionTimestamp;
}

async function takeFromBudget(deps: EvictionDeps, pod: Pod, dryRun: boolean): Promise<void> {
  const namespace = pod.metadata.namespace ?? "";
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const budgets = deps.objects
      .reader<PodDisruptionBudget>(budgetResource)
      .list(namespace)
      .filter((budget) =>
        labelSelectorAsSelector(budget.spec?.selector as LabelSelectorLike).matches(pod.metadata.labels),
      );
    if (budgets.length > 1) {
      throw internalError(
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
      );
    }
    const [found] = budgets;
    if (!found) return;
    const budget = await deps.objects.get<PodDisruptionBudget>(budgetResource, namespace, found.metadata.name);
    if (isUnhealthyAndFree(pod, budget)) return;
    const next = afterDisruption(budget, pod, formatTime(deps.clock.now()));
    if (dryRun) return;
    try {
      await deps.objects.updateStatus(budgetResource, namespace, next);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw tooManyRequests("couldn't update PodDisruptionBudget because of conflicts", 10);
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true;
}

/** A pod that serves nothing may go if the budget says so, or if it keeps its promise without it. */
function isUnhealthyAndFree(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  return (status?.desiredHealthy ?? 0) > 0 && (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0);
}

function afterDisruption(budget: PodDisruptionBudget, pod: Pod, time: string): PodDisruptionBudget {
  const { metadata, status } = budget;
  if (!status || (status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw disruptionRefused(`The disruption budget ${metadata.name} is still being processed by the server.`, 10);
  }
  if (status.disruptionsAllowed < 0) throw internalError("pdb disruptions allowed is negative");
  if (status.disruptionsAllowed === 0) {
    const needs = `The disruption budget ${metadata.name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`;
    throw disruptionRefused(needs, 0);
  }
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: status.disruptionsAllowed - 1,
      disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: time },
    },
  };
}

function disruptionRefused(message: string, retryAfterSeconds: number): StatusError {
  const { status } = tooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    retryAfterSeconds,
  );
  const causes = [{ reason: "DisruptionBudget", message }];
  return StatusError.fromStatus({ ...status, details: { ...status.details, causes } });
}
