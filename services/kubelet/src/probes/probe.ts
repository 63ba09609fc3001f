import type { Container, Probe } from "@tskube/api";

export type ProbeKind = "liveness" | "readiness" | "startup";

export const probeKinds: readonly ProbeKind[] = ["startup", "liveness", "readiness"];

/** As events print it. */
export const probeTitles: Readonly<Record<ProbeKind, string>> = {
  liveness: "Liveness",
  readiness: "Readiness",
  startup: "Startup",
};

export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  return { liveness: container.livenessProbe, readiness: container.readinessProbe, startup: container.startupProbe }[
    kind
  ];
}

/** What one try found. `output` is for people; absent for a success that has nothing to say. */
export interface Outcome {
  readonly result: "success" | "failure";
  readonly output: string;
  /** The probe could not be carried out at all, as with a port that does not exist. */
  readonly isError?: boolean;
}

export const defaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } as const;
