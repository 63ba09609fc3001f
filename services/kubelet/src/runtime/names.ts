/**
 * Labels and annotations by which the kubelet finds its sandboxes and containers again. They are upstream's, so that one kubelet can take
 * over the containers of the other, and crictl and cAdvisor show the usual names.
 */
export const podNameLabel = "io.kubernetes.pod.name";
export const podNamespaceLabel = "io.kubernetes.pod.namespace";
export const podUidLabel = "io.kubernetes.pod.uid";
export const containerNameLabel = "io.kubernetes.container.name";

export const containerHashAnnotation = "io.kubernetes.container.hash";
export const restartCountAnnotation = "io.kubernetes.container.restartCount";
export const terminationMessagePathAnnotation = "io.kubernetes.container.terminationMessagePath";
export const terminationMessagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy";
export const containerPortsAnnotation = "io.kubernetes.container.ports";
export const preStopHandlerAnnotation = "io.kubernetes.container.preStopHandler";
export const podDeletionGraceAnnotation = "io.kubernetes.pod.deletionGracePeriod";
export const podTerminationGraceAnnotation = "io.kubernetes.pod.terminationGracePeriod";

/** Where a static pod came from, on its mirror too. */
export const configSourceAnnotation = "kubernetes.io/config.source";
export const configHashAnnotation = "kubernetes.io/config.hash";
export const configSeenAnnotation = "kubernetes.io/config.seen";
/** Marks a mirror pod; its value is the hash of the static pod it mirrors. */
export const configMirrorAnnotation = "kubernetes.io/config.mirror";
