/** What the runtime holds for one pod, in the kubelet's words: parsed once from CRI messages, so that decisions do not know the wire. */

export type ContainerRunState = "created" | "running" | "exited" | "unknown";

export interface RuntimeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly state: ContainerRunState;
  readonly restartCount: number;
  /** Of the spec it was made from; see `containerHash`. */
  readonly hash: string;
  readonly image: string;
  /** The digest form or id by which the runtime knows the image. */
  readonly imageId: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly logPath: string;
  readonly user?: { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] };
}

export interface RuntimeSandbox {
  readonly id: string;
  readonly isReady: boolean;
  readonly attempt: number;
  readonly createdAtMs: number;
  readonly usesHostNetwork: boolean;
  /** Empty for a pod on the host's network and for a sandbox whose network is gone. */
  readonly ips: readonly string[];
}

/** Both lists are newest first. */
export interface RuntimePod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly sandboxes: readonly RuntimeSandbox[];
  readonly containers: readonly RuntimeContainer[];
}

export function emptyRuntimePod(uid: string, name: string, namespace: string): RuntimePod {
  return { uid, name, namespace, sandboxes: [], containers: [] };
}

/** The newest container of that name, whatever its sandbox. */
export function latestContainer(pod: RuntimePod, name: string): RuntimeContainer | undefined {
  return pod.containers.find((container) => container.name === name);
}

/** The newest sandbox if it is ready. */
export function readySandbox(pod: RuntimePod): RuntimeSandbox | undefined {
  const newest = pod.sandboxes[0];
  return newest?.isReady ? newest : undefined;
}

/** Whether anything of the pod may still run. */
export function hasRunning(pod: RuntimePod): boolean {
  return pod.containers.some((container) => container.state === "running" || container.state === "unknown");
}
