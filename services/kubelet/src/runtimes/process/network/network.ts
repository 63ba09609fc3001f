import type { PortMapping } from "@tskube/cri";

export interface AttachRequest {
  readonly sandboxId: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly podUid: string;
  /** A process in the pod's network namespace. */
  readonly pid: number;
  readonly portMappings: readonly PortMapping[];
}

export interface Attachment {
  readonly ip: string;
  /** Lines for `ip -batch` still to be run inside the pod's network namespace. */
  readonly inside: readonly string[];
}

export interface NetworkStatus {
  readonly isReady: boolean;
  readonly message: string;
}

/** How pods get their network. */
export interface PodNetwork {
  /** Settings that a pod's network namespace needs besides what the pod asks for. */
  readonly sysctls?: Readonly<Record<string, string>>;
  status(): Promise<NetworkStatus>;
  /** The node's share of the pod network became known. */
  setPodCidr(podCidr: string): Promise<void>;
  attach(request: AttachRequest): Promise<Attachment>;
  /** Gives back everything the sandbox has; for the second time too, and when its namespace has gone already. */
  detach(request: AttachRequest): Promise<void>;
  /** Called once at start with the sandboxes that still have a network: whatever others left behind goes. */
  recover(attached: ReadonlyArray<{ readonly request: AttachRequest; readonly ip: string }>): Promise<void>;
}
