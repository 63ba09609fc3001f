import type { Container, Pod } from "@tskube/api";
import type { ProbeFindings } from "../pods/kill-reason.ts";
import { containerHash } from "../runtime/container-hash.ts";
import type { RuntimeContainer, RuntimePod, RuntimeSandbox } from "../runtime/model.ts";

/** A container of the sandbox `s0`; its hash fits `image`. */
export function aContainer(
  name: string,
  fields: Partial<RuntimeContainer> & { image?: string } = {},
): RuntimeContainer {
  const image = fields.image ?? "app:1";
  return {
    id: `${name}-${fields.restartCount ?? 0}`,
    sandboxId: "s0",
    name,
    state: "running",
    restartCount: 0,
    hash: containerHash({ name, image } as Container),
    image,
    imageId: "sha256:1",
    createdAtMs: 1000,
    startedAtMs: 2000,
    finishedAtMs: fields.state === "exited" ? 3000 : 0,
    exitCode: 0,
    reason: "",
    message: "",
    logPath: "",
    ...fields,
  };
}

export function aSandbox(fields: Partial<RuntimeSandbox> = {}): RuntimeSandbox {
  return {
    id: "s0",
    isReady: true,
    attempt: 0,
    createdAtMs: 500,
    usesHostNetwork: false,
    ips: ["10.0.0.5"],
    ...fields,
  };
}

export function aRuntimePod(
  containers: readonly RuntimeContainer[],
  sandboxes: readonly RuntimeSandbox[] = [aSandbox()],
): RuntimePod {
  return { uid: "uid", name: "web", namespace: "default", sandboxes, containers };
}

/** Probes that have found nothing wrong, but for what is given by container id. */
export function findings(
  found: Partial<Record<"liveness" | "startup", Record<string, "success" | "failure">>> = {},
): ProbeFindings {
  return {
    liveness: (id) => found.liveness?.[id],
    startup: (id) => found.startup?.[id],
    isStarted: (container, id) => !container.startupProbe || found.startup?.[id] === "success",
  };
}

export function specOf(spec: Partial<Pod["spec"]>, metadata: Partial<Pod["metadata"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", uid: "uid", ...metadata },
    spec: { restartPolicy: "Always", containers: [{ name: "main", image: "app:1" }], ...spec },
  };
}
