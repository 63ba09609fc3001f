import { join } from "node:path";
import { ContainerConfig, ContainerState, ContainerStatus, type Signal } from "@tskube/cri";
import type { LaunchSpec, ProcessSpec } from "../launch/spec.ts";
import type { ProcessId } from "../process-id.ts";

/** What is kept of a container on disk. */
export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly imageId: string;
  readonly createdAt: bigint;
  /** Empty for none. */
  readonly logPath: string;
  readonly process: ProcessSpec;
  /** Its group, below the cgroup root. */
  readonly cgroup: string;
  readonly stopSignal: string;
  /** Why its program cannot be run, found out when it was created and told when it is started. */
  readonly startError: string;
  readonly run: ContainerRun;
}

/** The course of a container's life; each change is one replacement of the record. */
export type ContainerRun =
  | { readonly state: "created" }
  /** `init` is absent while it is being started. */
  | { readonly state: "running"; readonly startedAt: string; readonly init?: ProcessId }
  | {
      readonly state: "exited";
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly exitCode: number;
      readonly reason: string;
      readonly message: string;
    };

/** How a container's standard streams are made. A terminal whose input has ended tells its program to end, so it never does. */
export function streamModes({ tty, stdin, stdinOnce }: ContainerConfig): Pick<LaunchSpec, "tty" | "stdin"> {
  return { tty, stdin: stdin && stdinOnce ? "once" : stdin || tty ? "open" : "none" };
}

interface StoredRecord extends Omit<ContainerRecord, "config" | "createdAt"> {
  readonly config: string;
  readonly createdAt: string;
}

export function encodeContainer(record: ContainerRecord): string {
  const config = Buffer.from(ContainerConfig.encode(record.config).finish()).toString("base64");
  const stored: StoredRecord = { ...record, config, createdAt: String(record.createdAt) };
  return JSON.stringify(stored);
}

export function decodeContainer(text: string): ContainerRecord {
  const stored = JSON.parse(text) as StoredRecord;
  const config = ContainerConfig.decode(Buffer.from(stored.config, "base64"));
  return { ...stored, config, createdAt: BigInt(stored.createdAt) };
}

export const recordFile = (dir: string): string => join(dir, "container.json");

const states = {
  created: ContainerState.CONTAINER_CREATED,
  running: ContainerState.CONTAINER_RUNNING,
  exited: ContainerState.CONTAINER_EXITED,
} as const;

export const criState = (record: ContainerRecord): ContainerState => states[record.run.state];

export function containerStatus(record: ContainerRecord, stopSignal: Signal): ContainerStatus {
  const { id, config, imageId, createdAt, logPath, run, process } = record;
  const { metadata, image, labels, annotations, mounts, linux } = config;
  const ended = run.state === "exited" ? run : { finishedAt: "0", exitCode: 0, reason: "", message: "" };
  return ContainerStatus.fromPartial({
    id,
    metadata: metadata ?? {},
    state: criState(record),
    createdAt,
    startedAt: BigInt(run.state === "created" ? 0 : run.startedAt),
    finishedAt: BigInt(ended.finishedAt),
    exitCode: ended.exitCode,
    reason: ended.reason,
    message: ended.message,
    image: image ?? {},
    imageRef: imageId,
    imageId,
    labels,
    annotations,
    mounts,
    logPath,
    resources: { linux: linux?.resources ?? {} },
    user: {
      linux: { uid: BigInt(process.uid), gid: BigInt(process.gid), supplementalGroups: process.groups.map(BigInt) },
    },
    stopSignal,
  });
}
