import type { Binding, KubeObject, Scale } from "@tskube/api";
import { conflict, formatTime, methodNotSupported } from "@tskube/apimachinery";
import type { Route } from "./route.ts";
import { deleteObject, updateObject, type WriteDeps } from "./writes.ts";

type Scalable = KubeObject & { spec?: { replicas?: number }; status?: { replicas?: number } };

/** The subresources that have a meaning without a node: binding, eviction, scale, and finalizing a namespace. */
export function answerSubresource(verb: string, route: Route, body: unknown, deps: WriteDeps): unknown {
  switch (`${verb} ${route.subresource}`) {
    case "create binding":
      return bind(route, body as Binding, deps);
    case "create eviction":
      deleteObject(route, {}, deps);
      return success;
    case "get scale":
      return scaleOf(route, deps);
    case "update scale":
      return setScale(route, body as Scale, deps);
    case "update finalize":
      return finalize(route, body as KubeObject, deps);
    case "create token":
      return token(route, body as KubeObject, deps);
    default:
      throw methodNotSupported(route.info, verb);
  }
}

const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

function bind(route: Route, { target }: Binding, deps: WriteDeps): unknown {
  const pod = deps.store.get(route.info, route.namespace, route.name ?? "") as KubeObject & {
    spec?: { nodeName?: string };
  };
  if (pod.spec?.nodeName)
    throw conflict(
      route.info,
      pod.metadata.name,
      `pod ${pod.metadata.name} is already assigned to node "${pod.spec.nodeName}"`,
    );
  const next = { ...pod, spec: { ...pod.spec, nodeName: target.name ?? "" } };
  deps.store.replace(route.info, next);
  return success;
}

function scaleOf({ info, namespace, name = "" }: Route, { store }: WriteDeps): Scale {
  const { metadata, spec, status } = store.get(info, namespace, name) as Scalable;
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
    },
    spec: { replicas: spec?.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0 },
  };
}

function setScale(route: Route, { metadata, spec }: Scale, deps: WriteDeps): Scale {
  const object = deps.store.get(route.info, route.namespace, route.name ?? "") as Scalable;
  const resourceVersion = metadata.resourceVersion ?? object.metadata.resourceVersion;
  const next = {
    ...object,
    metadata: { ...object.metadata, resourceVersion },
    spec: { ...object.spec, replicas: spec?.replicas ?? 0 },
  };
  updateObject({ ...route, subresource: undefined }, next, deps);
  return scaleOf(route, deps);
}

/** Replaces `spec.finalizers`; a going namespace without any is removed. */
function finalize({ info, namespace, name = "" }: Route, body: KubeObject, { store }: WriteDeps): KubeObject {
  const old = store.get(info, namespace, name);
  const { spec } = body as { spec?: { finalizers?: string[] } };
  const stored = store.replace(info, { ...old, spec } as KubeObject);
  const isFree =
    stored.metadata.deletionTimestamp !== undefined && !spec?.finalizers?.length && !stored.metadata.finalizers?.length;
  return isFree ? store.remove(info, namespace, name) : stored;
}

function token({ info, namespace, name = "" }: Route, body: KubeObject, { store, clock }: WriteDeps): unknown {
  const { uid } = store.get(info, namespace, name).metadata;
  const { spec } = body as { spec?: { expirationSeconds?: number } };
  const expiresAt = clock.now() + (spec?.expirationSeconds ?? 3600) * 1000;
  return { ...body, status: { token: `token-of-${uid}`, expirationTimestamp: formatTime(expiresAt) } };
}
