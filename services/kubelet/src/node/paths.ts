import { join } from "node:path";
import type { PodIdentity } from "../pods/identity.ts";

/** Where the kubelet keeps things, as upstream lays them out: other tools of a node look there. */
export interface Paths {
  podDir(uid: string): string;
  podsDir(): string;
  volumesDir(uid: string): string;
  /** `plugin` is the volume plugin's name with its slash replaced: `kubernetes.io~empty-dir`. */
  volumeDir(uid: string, plugin: string, volume: string): string;
  subPathDir(uid: string, volume: string, container: string): string;
  containerDir(uid: string, container: string): string;
  hostsFile(uid: string): string;
  podLogsDir(pod: PodIdentity): string;
  readonly allPodLogs: string;
  /** Of one container within its pod's log directory. */
  containerLog(container: string, restartCount: number): string;
}

export function createPaths(rootDir: string, podLogsDir: string): Paths {
  const podsDir = join(rootDir, "pods");
  const podDir = (uid: string) => join(podsDir, safe(uid));
  return {
    podsDir: () => podsDir,
    podDir,
    volumesDir: (uid) => join(podDir(uid), "volumes"),
    volumeDir: (uid, plugin, volume) => join(podDir(uid), "volumes", plugin, safe(volume)),
    subPathDir: (uid, volume, container) => join(podDir(uid), "volume-subpaths", safe(volume), safe(container)),
    containerDir: (uid, container) => join(podDir(uid), "containers", safe(container)),
    hostsFile: (uid) => join(podDir(uid), "etc-hosts"),
    podLogsDir: ({ namespace, name, uid }) => join(podLogsDir, safe(`${namespace}_${name}_${uid}`)),
    allPodLogs: podLogsDir,
    containerLog: (container, restartCount) => join(safe(container), `${restartCount}.log`),
  };
}

/** Names come from objects that the API has validated; a static pod's file has not been, and must not reach outside. */
function safe(name: string): string {
  if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0")) {
    throw new Error(`${JSON.stringify(name)} cannot be part of a path`);
  }
  return name;
}
