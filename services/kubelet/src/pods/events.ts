import type { ObjectReference, Pod } from "@tskube/api";
import type { EventRecorder } from "@tskube/client";
import { configMirrorAnnotation } from "../runtime/names.ts";
import { fieldPath, type PodContainer } from "./containers.ts";

type EventType = "Normal" | "Warning";

/** What the kubelet tells users about their pods. */
export interface PodEvents {
  pod(pod: Pod, type: EventType, reason: string, message: string): void;
  container(pod: Pod, container: PodContainer, type: EventType, reason: string, message: string): void;
}

export function createPodEvents(recorder: EventRecorder): PodEvents {
  return {
    pod: (pod, type, reason, message) => recorder.record(reference(pod), type, reason, message),
    container: (pod, container, type, reason, message) =>
      recorder.record({ ...reference(pod), fieldPath: fieldPath(container) }, type, reason, message),
  };
}

/** Events of a static pod go to its mirror, the only object that users see of it; it goes by the hash that both carry. */
function reference(pod: Pod): ObjectReference {
  const { name, namespace, uid, resourceVersion, annotations } = pod.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    name,
    namespace,
    uid: annotations?.[configMirrorAnnotation] ?? uid,
    ...(resourceVersion && { resourceVersion }),
  };
}
