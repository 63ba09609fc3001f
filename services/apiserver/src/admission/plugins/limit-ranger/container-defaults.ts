import type { Container, LimitRangeItem, Pod } from "@tskube/api";

/** Tells the reader of a pod where amounts come from that its author did not write. */
const annotation = "kubernetes.io/limit-ranger";

/** Gives containers the default requests and limits of their namespace, where they have none, and notes which. */
export function setContainerDefaults(pod: Pod, items: readonly LimitRangeItem[]): void {
  const defaults = items.filter((item) => item.type === "Container");
  const limits = Object.assign({}, ...defaults.map((item) => item.default ?? {}));
  const requests = Object.assign({}, ...defaults.map((item) => item.defaultRequest ?? {}));
  const notes = [
    ...pod.spec.containers.flatMap((container) => fill(container, "container", requests, limits)),
    ...(pod.spec.initContainers ?? []).flatMap((container) => fill(container, "init container", requests, limits)),
  ];
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join("; ")}`,
  };
}

type Amounts = Readonly<Record<string, string>>;

function fill(container: Container, what: string, requests: Amounts, limits: Amounts): string[] {
  const missingRequests = missing(container.resources?.requests, requests);
  const missingLimits = missing(container.resources?.limits, limits);
  const note = (names: readonly string[], kind: string) =>
    names.length > 0 ? [`${[...names].sort().join(", ")} ${kind} for ${what} ${container.name}`] : [];
  if (missingRequests.length === 0 && missingLimits.length === 0) return [];
  container.resources = {
    ...container.resources,
    requests: { ...requests, ...container.resources?.requests },
    limits: { ...limits, ...container.resources?.limits },
  };
  return [...note(missingRequests, "request"), ...note(missingLimits, "limit")];
}

function missing(present: Amounts | undefined, defaults: Amounts): string[] {
  return Object.keys(defaults).filter((name) => present?.[name] === undefined);
}
