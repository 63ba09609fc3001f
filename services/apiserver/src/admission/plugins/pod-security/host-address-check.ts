import type { LifecycleHandler, Probe } from "@tskube/api";
import { type AnyContainer, type Check, containersOf, named, violationIf } from "./check.ts";

/** Probes and hooks run from the node's network: aimed at another host they reach what the pod itself cannot. */
export const localPodChecks: Check = {
  id: "hostProbesAndHostLifecycle",
  level: "baseline",
  since: 34,
  run({ spec }) {
    const bad = containersOf(spec).filter((container) => handlersOf(container).some(namesHost));
    return violationIf(bad.length > 0, "probe or lifecycle host", () => {
      const names = bad.map((container) => container.name);
      return `${named("container", names)} must not set "host" in probes or lifecycle handlers`;
    });
  },
};

type Handler = Pick<Probe & LifecycleHandler, "httpGet" | "tcpSocket"> | undefined;

function handlersOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: AnyContainer): Handler[] {
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
}

function namesHost(handler: Handler): boolean {
  return [handler?.httpGet?.host, handler?.tcpSocket?.host].some((host) => host && !isLocal(host));
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "127.0.0.1";
}
