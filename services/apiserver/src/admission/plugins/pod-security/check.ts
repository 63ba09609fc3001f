import type { Container, EphemeralContainer, Pod, SecurityContext } from "@tskube/api";

export type PodSpec = Pod["spec"];
export type AnyContainer = Container | EphemeralContainer;

export interface Violation {
  /** What is wrong: `privileged`, `hostPort`. */
  readonly reason: string;
  /** Where: `container "c" must not set securityContext.privileged=true`. */
  readonly detail: string;
}

/** One rule of the Pod Security Standards. */
export interface Check {
  readonly id: string;
  readonly level: "baseline" | "restricted";
  /** The minor version of Kubernetes that brought the rule. */
  readonly since?: number;
  /** A restricted check that says more than this baseline one stands in for it. */
  readonly overrides?: string;
  /** `minor` is the version of the rules that is asked for. */
  run(pod: Pick<Pod, "metadata" | "spec">, minor: number): Violation | undefined;
}

export function containersOf(spec: PodSpec): AnyContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

export function containersWith(
  spec: PodSpec,
  isBad: (security: SecurityContext, container: AnyContainer) => boolean,
): string[] {
  return containersOf(spec)
    .filter((container) => isBad(container.securityContext ?? {}, container))
    .map((container) => container.name);
}

/** `container "a"`, `containers "a", "b"`. */
export function named(noun: string, names: readonly string[]): string {
  return `${noun}${names.length === 1 ? "" : "s"} ${quoteAll(names)}`;
}

export function quoteAll(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

export function violationIf(isViolated: boolean, reason: string, detail: () => string): Violation | undefined {
  return isViolated ? { reason, detail: detail() } : undefined;
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

/** Rules that speak of Linux alone spare pods of Windows, since these say what they are. */
export function isSparedAsWindows(spec: PodSpec, minor: number): boolean {
  return minor >= 25 && spec.os?.name === "windows";
}

/** Who is root in a pod with users of its own is nobody on the node. */
export function hasOwnUsers(spec: PodSpec, minor: number): boolean {
  return minor >= 35 && spec.hostUsers === false;
}
