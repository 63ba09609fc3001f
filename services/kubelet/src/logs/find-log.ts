import type { ContainerStatus, Pod, PodStatus } from "@tskube/api";
import { findContainer } from "../pods/containers.ts";

/** Which container instance's log is meant, by its id; throws the sentence that `kubectl logs` prints when there is none. */
export function loggedContainer(pod: Pod, status: PodStatus | undefined, name: string, previous: boolean): string {
  const podName = pod.metadata.name ?? "";
  const where = `container ${JSON.stringify(name)} in pod ${JSON.stringify(podName)}`;
  if (!findContainer(pod, name)) throw new Error(`container ${name} is not valid for pod ${podName}`);
  const all = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  const found = all.find((each) => each.name === name);
  if (!found) throw new Error(`${where} is not available`);
  const lastId = bareId(found.lastState?.terminated?.containerID);
  if (previous) {
    if (!lastId) throw new Error(`previous terminated ${where} not found`);
    return lastId;
  }
  return currentId(found, lastId, where);
}

function currentId({ state, containerID }: ContainerStatus, lastId: string | undefined, where: string): string {
  if (state?.running) return bareId(containerID) ?? "";
  const id = bareId(state?.terminated?.containerID) ?? lastId;
  if (id) return id;
  if (state?.terminated) throw new Error(`${where} is terminated`);
  const reason = state?.waiting?.reason;
  switch (reason) {
    case undefined:
    case "":
      throw new Error(`${where} is waiting to start - no logs yet`);
    case "ErrImagePull":
      throw new Error(`${where} is waiting to start: image can't be pulled`);
    case "ImagePullBackOff":
      throw new Error(`${where} is waiting to start: trying and failing to pull image`);
    default:
      throw new Error(`${where} is waiting to start: ${reason}`);
  }
}

/** The runtime's own id in `containerd://ID`. */
function bareId(id: string | undefined): string | undefined {
  return id?.split("://")[1] || undefined;
}
