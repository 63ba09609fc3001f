import type { Pod } from "@tskube/api";
import { PodSandboxConfig, Protocol } from "@tskube/cri";
import type { DnsSettings } from "../network/dns.ts";
import { identityOf } from "../pods/identity.ts";
import { podNameLabel, podNamespaceLabel, podUidLabel } from "./names.ts";
import { sandboxSecurityContext } from "./security-context.ts";

export interface SandboxInputs {
  readonly pod: Pod;
  readonly attempt: number;
  readonly hostname: string;
  readonly dns: DnsSettings;
  readonly logDirectory: string;
  readonly cgroupParent: string;
}

/** What the runtime needs to know of a pod to make its sandbox, and again with each of its containers. */
export function sandboxConfig({
  pod,
  attempt,
  hostname,
  dns,
  logDirectory,
  cgroupParent,
}: SandboxInputs): PodSandboxConfig {
  const { name, namespace, uid } = identityOf(pod);
  return PodSandboxConfig.fromPartial({
    metadata: { name, namespace, uid, attempt },
    hostname,
    logDirectory,
    dnsConfig: { servers: [...dns.servers], searches: [...dns.searches], options: [...dns.options] },
    portMappings: pod.spec.hostNetwork ? [] : hostPorts(pod),
    labels: { ...pod.metadata.labels, [podNameLabel]: name, [podNamespaceLabel]: namespace, [podUidLabel]: uid },
    annotations: { ...pod.metadata.annotations },
    linux: {
      cgroupParent,
      securityContext: sandboxSecurityContext(pod),
      sysctls: Object.fromEntries(
        (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name.replaceAll("/", "."), value]),
      ),
    },
  });
}

const protocols: Readonly<Record<string, (typeof Protocol)[keyof typeof Protocol]>> = {
  TCP: Protocol.TCP,
  UDP: Protocol.UDP,
  SCTP: Protocol.SCTP,
};

/** Every declared port; those without a host port stay in the list, for runtimes that show them. */
function hostPorts(pod: Pod) {
  const containers = [
    ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"),
    ...pod.spec.containers,
  ];
  return containers
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort }) => hostPort)
    .map(({ protocol = "TCP", containerPort, hostPort = 0, hostIP = "" }) => ({
      protocol: protocols[protocol] ?? Protocol.TCP,
      containerPort,
      hostPort,
      hostIp: hostIP,
    }));
}
