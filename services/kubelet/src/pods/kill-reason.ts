import type { Container, Pod } from "@tskube/api";
import { containerHash } from "../runtime/container-hash.ts";
import type { RuntimeContainer } from "../runtime/model.ts";
import { restartsWhenStopped } from "./restart-policy.ts";

/** Why a running container is stopped though its pod goes on. */
export type KillCause = "definition-changed" | "liveness" | "startup" | "unknown-state";

export interface ContainerKill {
  readonly container: Container;
  readonly id: string;
  readonly cause: KillCause;
  /** The text of the Killing event. */
  readonly message: string;
}

/** What probes have found about running containers, by container id. */
export interface ProbeFindings {
  liveness(containerId: string): "success" | "failure" | undefined;
  startup(containerId: string): "success" | "failure" | undefined;
  /** Whether the container's startup probe has passed or it has none. */
  isStarted(container: Container, containerId: string): boolean;
}

/** Why a running container must go, or undefined when it may stay. */
export function killReason(
  pod: Pod,
  container: Container,
  running: RuntimeContainer,
  probes: ProbeFindings,
): ContainerKill | undefined {
  const cause = killCause(container, running, probes);
  if (!cause) return undefined;
  const what = {
    "definition-changed": `Container ${container.name} definition changed`,
    liveness: `Container ${container.name} failed liveness probe`,
    startup: `Container ${container.name} failed startup probe`,
  }[cause];
  const willRestart = cause === "definition-changed" || restartsWhenStopped(pod, container);
  return { container, id: running.id, cause, message: willRestart ? `${what}, will be restarted` : what };
}

function killCause(
  container: Container,
  running: RuntimeContainer,
  probes: ProbeFindings,
): Exclude<KillCause, "unknown-state"> | undefined {
  if (running.hash !== containerHash(container)) return "definition-changed";
  if (probes.liveness(running.id) === "failure") return "liveness";
  if (probes.startup(running.id) === "failure") return "startup";
  return undefined;
}

/** A container that the runtime has lost sight of is stopped for certain before its successor starts. */
export function lostContainer(container: Container, latest: RuntimeContainer): ContainerKill {
  const message = `Container is in ${JSON.stringify(latest.state)} state, try killing it before restart`;
  return { container, id: latest.id, cause: "unknown-state", message };
}
