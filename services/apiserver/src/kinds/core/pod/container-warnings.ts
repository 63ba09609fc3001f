import type { Container } from "@tskube/api";
import type { Path } from "@tskube/apimachinery";
import { byteWarnings } from "./byte-warnings.ts";

/** What is allowed in a container and probably not meant. */
export function containerWarnings(container: Container, at: Path): string[] {
  const resourcesAt = at.child("resources");
  return [
    ...byteWarnings(container.resources?.limits, resourcesAt.child("limits")),
    ...byteWarnings(container.resources?.requests, resourcesAt.child("requests")),
    ...environmentWarnings(container, at.child("env")),
    ...portWarnings(container, at.child("ports")),
  ];
}

function environmentWarnings({ env = [] }: Container, at: Path): string[] {
  const seen = new Set<string>();
  return env.flatMap(({ name }, index) => {
    const isHidden = seen.has(name);
    seen.add(name);
    return isHidden
      ? [`${at.index(index)}: hides previous definition of "${name}", which may be dropped when using apply`]
      : [];
  });
}

function portWarnings({ ports = [] }: Container, at: Path): string[] {
  return ports.flatMap((port, index) => {
    const path = at.index(index);
    const earlier = ports.slice(0, index);
    const twin = earlier.findIndex(
      (one) =>
        one.containerPort === port.containerPort &&
        one.protocol === port.protocol &&
        (one.hostPort ?? 0) === (port.hostPort ?? 0) &&
        (one.hostIP ?? "") === (port.hostIP ?? ""),
    );
    if (twin >= 0) return [`${path}: duplicate port definition with ${at.index(twin)}`];
    const namesake = port.name ? earlier.findIndex((one) => one.name === port.name) : -1;
    if (namesake < 0) return [];
    const first = at.index(namesake);
    return [
      `${path}: duplicate port name "${port.name}" with ${first}, services and probes that select ports by name will use ${first}`,
    ];
  });
}
