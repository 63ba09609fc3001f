import type { KubeObject, ObjectMeta } from "@tskube/api";

/** metav1.DeleteOptions, as far as the registry acts on them. */
export interface DeleteRequest {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Which part of admission is still to be asked: none about an eviction, which it has judged as such. All when absent. */
  readonly admission?: "all" | "validate" | "none";
}

export type DeletionPlan =
  /** The object goes at once. */
  | { readonly act: "remove" }
  /** A deletion is under way already and this one changes nothing. */
  | { readonly act: "nothing" }
  /** The object stays, marked, until its grace has passed and its finalizers are gone. */
  | { readonly act: "mark"; readonly metadata: ObjectMeta };

const orphanFinalizer = "orphan";
const foregroundFinalizer = "foregroundDeletion";

export interface DeletionRules {
  /** What the kind's strategy grants; undefined for kinds without graceful deletion. */
  readonly graceSeconds: number | undefined;
  /** The object waits for more than its metadata's finalizers. */
  readonly isHeld: boolean;
}

/** What a delete does to an object. */
export function planDeletion(
  object: KubeObject,
  request: DeleteRequest,
  { graceSeconds, isHeld }: DeletionRules,
  nowMs: number,
): DeletionPlan {
  const { metadata } = object;
  const finalizers = deletionFinalizers(metadata.finalizers ?? [], request);
  const isMarked = metadata.deletionTimestamp !== undefined;
  if (isMarked) return planRepeated(metadata, finalizers, request, { graceSeconds, isHeld }, nowMs);
  const grace = graceSeconds ?? 0;
  if (grace === 0 && finalizers.length === 0 && !isHeld) return { act: "remove" };
  return { act: "mark", metadata: marked(metadata, finalizers, grace, nowMs + grace * 1000) };
}

function planRepeated(
  metadata: ObjectMeta,
  finalizers: readonly string[],
  request: DeleteRequest,
  { graceSeconds, isHeld }: DeletionRules,
  nowMs: number,
): DeletionPlan {
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  const wanted = graceSeconds === undefined ? 0 : (request.gracePeriodSeconds ?? current);
  const isShorter = wanted < current;
  if (finalizers.length === 0 && !isHeld && (wanted === 0 || current === 0)) return { act: "remove" };
  const changesFinalizers = finalizers.join() !== (metadata.finalizers ?? []).join();
  if (!isShorter && !changesFinalizers) return { act: "nothing" };
  if (!isShorter) return { act: "mark", metadata: { ...metadata, finalizers: [...finalizers] } };
  // A shorter grace counts from when the deletion was first asked for, but never ends in the past.
  const asked = Date.parse(metadata.deletionTimestamp ?? "") - current * 1000;
  return { act: "mark", metadata: marked(metadata, finalizers, wanted, Math.max(asked + wanted * 1000, nowMs)) };
}

function marked(metadata: ObjectMeta, finalizers: readonly string[], grace: number, atMs: number): ObjectMeta {
  const { finalizers: _, ...rest } = metadata;
  const isFirst = metadata.deletionTimestamp === undefined;
  return {
    ...rest,
    deletionTimestamp: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
    deletionGracePeriodSeconds: grace,
    ...(isFirst && metadata.generation ? { generation: metadata.generation + 1 } : {}),
    ...(finalizers.length > 0 && { finalizers: [...finalizers] }),
  };
}

/** The finalizers that make the garbage collector orphan dependents, or delete them first. */
function deletionFinalizers(present: readonly string[], request: DeleteRequest): string[] {
  const others = present.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  const policy = request.propagationPolicy ?? orphanPolicy(request.orphanDependents);
  if (policy === "Orphan") return [...others, orphanFinalizer];
  if (policy === "Foreground") return [...others, foregroundFinalizer];
  return policy === "Background" ? others : [...present];
}

function orphanPolicy(orphanDependents: boolean | undefined): string | undefined {
  if (orphanDependents === undefined) return undefined;
  return orphanDependents ? "Orphan" : "Background";
}

/** What of the preconditions does not hold, or undefined. */
export function failedPrecondition(metadata: ObjectMeta, request: DeleteRequest): string | undefined {
  if (request.uid !== undefined && request.uid !== metadata.uid) {
    return `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${metadata.uid ?? ""}`;
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== metadata.resourceVersion) {
    return `Precondition failed: ResourceVersion in precondition: ${request.resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion ?? ""}`;
  }
  return undefined;
}
