import type { Pod, Service } from "@tskube/api";

type ServicePort = NonNullable<NonNullable<Service["spec"]>["ports"]>[number];

/** The number of the port a service sends to on a pod; undefined when the pod has no port of that name. */
export function targetPortOf(pod: Pod, { targetPort, port, protocol = "TCP" }: ServicePort): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === "") return port;
  if (typeof targetPort === "number") return targetPort;
  const restartable = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const container of [...pod.spec.containers, ...restartable]) {
    for (const one of container.ports ?? []) {
      if (one.name === targetPort && (one.protocol ?? "TCP") === protocol) return one.containerPort;
    }
  }
  return undefined;
}
