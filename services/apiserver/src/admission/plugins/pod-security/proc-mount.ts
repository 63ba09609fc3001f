import {
  type AnyContainer,
  containersOf,
  named,
  type PodSpec,
  quoteAll,
  unique,
  type Violation,
  violationIf,
} from "./check.ts";

export function unmaskedProc(spec: PodSpec): Violation | undefined {
  const typeOf = (container: AnyContainer) => container.securityContext?.procMount ?? "Default";
  const bad = containersOf(spec).filter((container) => typeOf(container) !== "Default");
  return violationIf(bad.length > 0, "procMount", () => {
    const names = bad.map((container) => container.name);
    return `${named("container", names)} must not set securityContext.procMount to ${quoteAll(unique(bad.map(typeOf)))}`;
  });
}
