/** What a path of the kubelet's API names. */
export interface PodPath {
  readonly namespace: string;
  readonly pod: string;
  readonly uid?: string | undefined;
  readonly container?: string | undefined;
}

/** `/exec/NAMESPACE/POD/CONTAINER` or `/exec/NAMESPACE/POD/UID/CONTAINER`, after the first part. */
export function containerPath(parts: readonly string[]): PodPath | undefined {
  const [namespace, pod, third, fourth] = parts;
  if (!namespace || !pod || !third || parts.length > 4) return undefined;
  return fourth === undefined
    ? { namespace, pod, container: third }
    : { namespace, pod, uid: third, container: fourth };
}

/** `/portForward/NAMESPACE/POD` or `/portForward/NAMESPACE/POD/UID`, after the first part. */
export function podPath(parts: readonly string[]): PodPath | undefined {
  const [namespace, pod, uid] = parts;
  return namespace && pod && parts.length <= 3 ? { namespace, pod, uid } : undefined;
}

/** The decoded parts of a request's path; undefined for one that is not well formed. */
export function pathParts(pathname: string): string[] | undefined {
  try {
    return pathname.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
