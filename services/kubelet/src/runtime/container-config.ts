import type { Container, Pod } from "@tskube/api";
import { ContainerConfig, type LinuxContainerResources, type Mount, Signal } from "@tskube/cri";
import type { Environment } from "../env/environment.ts";
import { expand } from "../env/expansion.ts";
import { identityOf } from "../pods/identity.ts";
import { containerHash } from "./container-hash.ts";
import {
  containerHashAnnotation,
  containerNameLabel,
  containerPortsAnnotation,
  podDeletionGraceAnnotation,
  podNameLabel,
  podNamespaceLabel,
  podTerminationGraceAnnotation,
  podUidLabel,
  preStopHandlerAnnotation,
  restartCountAnnotation,
  terminationMessagePathAnnotation,
  terminationMessagePolicyAnnotation,
} from "./names.ts";
import { containerSecurityContext } from "./security-context.ts";

export interface ContainerInputs {
  readonly pod: Pod;
  readonly container: Container;
  readonly restartCount: number;
  /** The reference that the image service gave for the image. */
  readonly imageRef: string;
  readonly environment: Environment;
  readonly mounts: readonly Mount[];
  readonly resources: LinuxContainerResources;
  readonly logPath: string;
  /** The container whose processes an ephemeral container is to see. */
  readonly targetId?: string | undefined;
}

export function containerConfig(inputs: ContainerInputs): ContainerConfig {
  const { pod, container, restartCount, environment } = inputs;
  const lookup = (name: string) => environment.get(name);
  const stopSignal = container.lifecycle?.stopSignal;
  return ContainerConfig.fromPartial({
    metadata: { name: container.name, attempt: restartCount },
    image: { image: inputs.imageRef, userSpecifiedImage: container.image ?? "" },
    command: (container.command ?? []).map((word) => expand(word, lookup)),
    args: (container.args ?? []).map((word) => expand(word, lookup)),
    workingDir: container.workingDir ?? "",
    envs: Array.from(environment, ([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: [...inputs.mounts],
    labels: labels(pod, container),
    annotations: annotations(pod, container, restartCount),
    logPath: inputs.logPath,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: { resources: inputs.resources, securityContext: containerSecurityContext(pod, container, inputs.targetId) },
    ...(stopSignal && { stopSignal: Signal[stopSignal as keyof typeof Signal] ?? Signal.RUNTIME_DEFAULT }),
  });
}

function labels(pod: Pod, container: Container): Record<string, string> {
  const { name, namespace, uid } = identityOf(pod);
  return {
    [podNameLabel]: name,
    [podNamespaceLabel]: namespace,
    [podUidLabel]: uid,
    [containerNameLabel]: container.name,
  };
}

/** What must be known to stop or report a container after its pod's object is gone. */
function annotations(pod: Pod, container: Container, restartCount: number): Record<string, string> {
  const { deletionGracePeriodSeconds } = pod.metadata;
  const { terminationGracePeriodSeconds } = pod.spec;
  return {
    [containerHashAnnotation]: containerHash(container),
    [restartCountAnnotation]: String(restartCount),
    [terminationMessagePathAnnotation]: container.terminationMessagePath ?? "",
    [terminationMessagePolicyAnnotation]: container.terminationMessagePolicy ?? "",
    ...(deletionGracePeriodSeconds !== undefined && {
      [podDeletionGraceAnnotation]: String(deletionGracePeriodSeconds),
    }),
    ...(terminationGracePeriodSeconds !== undefined && {
      [podTerminationGraceAnnotation]: String(terminationGracePeriodSeconds),
    }),
    ...(container.lifecycle?.preStop && { [preStopHandlerAnnotation]: JSON.stringify(container.lifecycle.preStop) }),
    ...(container.ports?.length && { [containerPortsAnnotation]: JSON.stringify(container.ports) }),
  };
}
