import type {
  Container,
  ContainerFilter,
  ContainerState,
  PodSandbox,
  PodSandboxFilter,
  PodSandboxState,
} from "./types.ts";

/** Whether a sandbox is meant by a ListPodSandbox filter; ids may be given by their beginning. */
export function matchesSandbox(
  sandbox: Pick<PodSandbox, "id" | "labels"> & { state: PodSandboxState },
  filter?: PodSandboxFilter,
): boolean {
  if (!filter) return true;
  if (filter.id && !sandbox.id.startsWith(filter.id)) return false;
  if (filter.state && filter.state.state !== sandbox.state) return false;
  return hasLabels(sandbox.labels, filter.labelSelector);
}

/** Whether a container is meant by a ListContainers filter; ids may be given by their beginning. */
export function matchesContainer(
  container: Pick<Container, "id" | "podSandboxId" | "labels"> & { state: ContainerState },
  filter?: ContainerFilter,
): boolean {
  if (!filter) return true;
  if (filter.id && !container.id.startsWith(filter.id)) return false;
  if (filter.podSandboxId && !container.podSandboxId.startsWith(filter.podSandboxId)) return false;
  if (filter.state && filter.state.state !== container.state) return false;
  return hasLabels(container.labels, filter.labelSelector);
}

/** Whether `labels` has every pair of `selector`. */
export function hasLabels(labels: Record<string, string>, selector: Record<string, string> = {}): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
