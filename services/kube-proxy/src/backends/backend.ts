import type { ServicePort } from "../model/service-port.ts";

/** A way to make a node send services' traffic to their endpoints. */
export interface Backend {
  readonly name: string;
  /**
   * Brings the node in line with `ports`: everything that there shall be. What has not changed since the last call costs nothing.
   * Rejects when the node could not be brought in line; the next call then starts from nothing.
   */
  sync(ports: readonly ServicePort[], signal: AbortSignal): Promise<void>;
  /** Stops what runs inside this process. Rules in the kernel stay, so that traffic goes on while kube-proxy restarts. */
  close(): Promise<void>;
  /** Removes every rule of this backend from the node, also those of an earlier process. */
  cleanUp(): Promise<void>;
}

/** What backends of the kernel need to know besides the services. */
export interface BackendOptions {
  /** Addresses of pods: traffic from elsewhere to a cluster IP is masqueraded. Empty: nothing is, but hairpins. */
  readonly clusterCidr: string | undefined;
  readonly masqueradeAll: boolean;
  /** The bit of the packet mark that means "masquerade". */
  readonly masqueradeBit: number;
}
