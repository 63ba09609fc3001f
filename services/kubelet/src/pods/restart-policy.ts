import type { Container, ContainerRestartRule, Pod } from "@tskube/api";
import type { RuntimeContainer } from "../runtime/model.ts";
import { isRestartableInit } from "./containers.ts";

/**
 * Whether a container that ended with `exitCode` may be started again: its own rules first, then its own policy, then its pod's.
 * An init container of a pod that restarts always is restarted only until it succeeds.
 */
export function mayRestartAfter(
  pod: Pod,
  container: Container,
  exitCode: number,
  kind: "init" | "regular" = "regular",
): boolean {
  if (
    container.restartPolicyRules?.some((rule) => rule.action === "Restart" && matchesExitCode(rule.exitCodes, exitCode))
  )
    return true;
  if (kind === "init" && !isRestartableInit(container) && exitCode === 0) return false;
  switch (container.restartPolicy ?? pod.spec.restartPolicy ?? "Always") {
    case "Always":
      return true;
    case "OnFailure":
      return exitCode !== 0;
    default:
      return false;
  }
}

/** Whether the kubelet should have a container running that is in `latest` state now. */
export function shouldStart(
  pod: Pod,
  container: Container,
  latest: RuntimeContainer | undefined,
  kind: "init" | "regular" = "regular",
): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  if (!latest) return true;
  if (latest.state === "running") return false;
  if (latest.state !== "exited") return true; // created or lost: it has not had its run
  return mayRestartAfter(pod, container, latest.exitCode, kind);
}

/** Whether a container that the kubelet itself stops (probe, changed image) comes back. */
export function restartsWhenStopped(pod: Pod, container: Container): boolean {
  return (
    (container.restartPolicy ?? pod.spec.restartPolicy ?? "Always") !== "Never" ||
    (container.restartPolicyRules?.length ?? 0) > 0
  );
}

function matchesExitCode(requirement: ContainerRestartRule["exitCodes"], exitCode: number): boolean {
  if (!requirement) return false;
  const isListed = requirement.values?.includes(exitCode) ?? false;
  return requirement.operator === "NotIn" ? !isListed : isListed;
}
