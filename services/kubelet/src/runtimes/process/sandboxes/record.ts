import { join } from "node:path";
import { NamespaceMode, PodSandboxConfig } from "@tskube/cri";
import { cri } from "@tskube/proto-gen";
import type { ProcessId } from "../process-id.ts";

/** What is kept of a sandbox on disk. */
export interface SandboxRecord {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
  readonly createdAt: bigint;
  readonly pause: ProcessId;
  /** Empty on the node's network. */
  readonly ip: string;
  /** StopPodSandbox has been called: what it holds has been given back. */
  readonly isStopped: boolean;
  /** The pod's cgroup was made here and not by the kubelet. */
  readonly ownsCgroup: boolean;
}

interface StoredRecord extends Omit<SandboxRecord, "config" | "createdAt"> {
  readonly config: string;
  readonly createdAt: string;
}

export function encodeSandbox(record: SandboxRecord): string {
  const config = Buffer.from(PodSandboxConfig.encode(record.config).finish()).toString("base64");
  const stored: StoredRecord = { ...record, config, createdAt: String(record.createdAt) };
  return JSON.stringify(stored);
}

export function decodeSandbox(text: string): SandboxRecord {
  const stored = JSON.parse(text) as StoredRecord;
  const config = PodSandboxConfig.decode(Buffer.from(stored.config, "base64"));
  return { ...stored, config, createdAt: BigInt(stored.createdAt) };
}

export function namespaceOptions(config: PodSandboxConfig): cri.NamespaceOption {
  return config.linux?.securityContext?.namespaceOptions ?? cri.NamespaceOption.create();
}

export const onNodeNetwork = (config: PodSandboxConfig): boolean =>
  namespaceOptions(config).network === NamespaceMode.NODE;

/** Where a sandbox's group lies below the cgroup root. */
export const cgroupParent = (config: PodSandboxConfig): string => config.linux?.cgroupParent || "/tskube";

/** Files of a sandbox that its containers see. */
export const sandboxFiles = (dir: string) => ({
  record: join(dir, "sandbox.json"),
  hostname: join(dir, "hostname"),
  resolvConf: join(dir, "resolv.conf"),
  hosts: join(dir, "hosts"),
});
