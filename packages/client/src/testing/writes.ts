import type { KubeObject } from "@tskube/api";
import { badRequest, conflict, deepEqual, formatTime, generateName, invalid } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { apiVersionOf, type ResourceInfo } from "../rest/resource.ts";
import type { FakeStore } from "./fake-store.ts";
import type { Route } from "./route.ts";

export interface WriteDeps {
  readonly store: FakeStore;
  readonly clock: Clock;
  /** A new uid. */
  readonly uid: () => string;
}

type Body = Record<string, unknown> & { metadata?: Partial<KubeObject["metadata"]> };
type WithSpec = KubeObject & { spec?: unknown; status?: unknown };

const defaultGraceSeconds = 30;

export function createObject({ info, namespace }: Route, body: unknown, { store, clock, uid }: WriteDeps): KubeObject {
  const object = asObject(info, body);
  const { name, generateName: base } = object.metadata;
  if (object.metadata.resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
  if (!name && !base) throw invalid({ group: info.group, kind: info.kind }, "", [nameRequired]);
  const metadata = {
    ...object.metadata,
    name: name || generateName(base ?? ""),
    ...(info.namespaced && { namespace: object.metadata.namespace || namespace || "default" }),
    uid: uid(),
    creationTimestamp: formatTime(clock.now()),
    generation: 1,
  };
  return store.insert(info, { ...object, metadata });
}

const nameRequired = {
  type: "FieldValueRequired",
  field: "metadata.name",
  detail: "name or generateName is required",
} as never;

/** Replaces an object or, for `status`, only its status and annotations: each leaves the other's part alone. */
export function updateObject(
  { info, namespace, name = "", subresource }: Route,
  body: unknown,
  deps: WriteDeps,
): KubeObject {
  const { store } = deps;
  const object: WithSpec = asObject(info, body);
  const old: WithSpec = store.get(info, namespace, name);
  const next: WithSpec =
    subresource === "status"
      ? {
          ...old,
          metadata: { ...old.metadata, ...annotationsOf(object), resourceVersion: object.metadata.resourceVersion },
        }
      : { ...object };
  setOrDrop(next, "status", subresource === "status" ? object.status : old.status);
  if (subresource === "status") return store.replace(info, next);

  const { uid, resourceVersion, ...given } = object.metadata;
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation = 1 } = old.metadata;
  next.metadata = {
    ...given,
    ...(info.namespaced && { namespace }),
    uid: uid ?? old.metadata.uid,
    resourceVersion,
    creationTimestamp,
    generation: deepEqual(next.spec, old.spec) ? generation : generation + 1,
    ...(deletionTimestamp && { deletionTimestamp, deletionGracePeriodSeconds }),
  };
  const stored = store.replace(info, next);
  return isDeletable(stored) ? store.remove(info, namespace, name) : stored;
}

/** Absent ones are dropped. */
function annotationsOf({ metadata }: KubeObject): Pick<KubeObject["metadata"], "annotations"> {
  return { annotations: metadata.annotations } as Pick<KubeObject["metadata"], "annotations">;
}

export interface DeletionAsked {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Removes an object, or marks it as going while finalizers or a pod's grace time hold it. */
export function deleteObject(
  { info, namespace, name = "" }: Route,
  asked: DeletionAsked,
  { store, clock }: WriteDeps,
): KubeObject {
  const old = store.get(info, namespace, name);
  checkPreconditions(info, old, asked);
  const finalizers = withPropagation(old.metadata.finalizers ?? [], asked.propagationPolicy);
  const graceSeconds = graceOf(info, old, asked);
  if (finalizers.length === 0 && graceSeconds === 0) return store.remove(info, namespace, name);
  const isMarked = old.metadata.deletionTimestamp !== undefined;
  const isShorter = graceSeconds < (old.metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY);
  const mark =
    !isMarked || isShorter
      ? { deletionTimestamp: formatTime(clock.now() + graceSeconds * 1000), deletionGracePeriodSeconds: graceSeconds }
      : {};
  return store.replace(info, {
    ...old,
    metadata: {
      ...old.metadata,
      ...mark,
      ...(finalizers.length > 0 && { finalizers }),
      generation: (old.metadata.generation ?? 1) + (isMarked ? 0 : 1),
    },
  });
}

/** Whether nothing holds a going object any longer; pods wait for their kubelet to delete them with no grace. */
function isDeletable({ metadata }: KubeObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined && !metadata.finalizers?.length && !metadata.deletionGracePeriodSeconds
  );
}

function checkPreconditions(info: ResourceInfo, old: KubeObject, { preconditions }: DeletionAsked): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      info,
      old.metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    const found = old.metadata.resourceVersion;
    throw conflict(
      info,
      old.metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${found}`,
    );
  }
}

function withPropagation(finalizers: readonly string[], policy: string | undefined): string[] {
  const others =
    policy === undefined ? finalizers : finalizers.filter((one) => one !== "orphan" && one !== "foregroundDeletion");
  if (policy === "Orphan") return [...others, "orphan"];
  if (policy === "Foreground") return [...others, "foregroundDeletion"];
  return [...others];
}

/** Only pods that a kubelet may be running go with grace. */
function graceOf(info: ResourceInfo, old: KubeObject, { gracePeriodSeconds }: DeletionAsked): number {
  if (info.kind !== "Pod") return 0;
  const { spec, status } = old as {
    spec?: { nodeName?: string; terminationGracePeriodSeconds?: number };
    status?: { phase?: string };
  };
  if (!spec?.nodeName || status?.phase === "Succeeded" || status?.phase === "Failed") return 0;
  return gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}

export function asObject(info: ResourceInfo, body: unknown): KubeObject {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw badRequest("the body of the request is not an object");
  const { metadata, ...rest } = body as Body;
  return {
    ...rest,
    apiVersion: apiVersionOf(info),
    kind: info.kind,
    metadata: { ...metadata, name: metadata?.name ?? "" },
  };
}

function setOrDrop(object: WithSpec, field: "status", value: unknown): void {
  if (value === undefined) delete object[field];
  else object[field] = value;
}
