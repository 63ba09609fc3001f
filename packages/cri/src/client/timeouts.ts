/** Time limits of calls in milliseconds; 0 is none. */
export interface CriTimeouts {
  /** Every call without a limit of its own. */
  readonly requestMs: number;
  /** RunPodSandbox, which waits for the network of the pod. */
  readonly runPodSandboxMs: number;
  /** PullImage: none by default, since only the size of the image bounds it. */
  readonly pullImageMs: number;
}

/** The kubelet's defaults (`runtimeRequestTimeout` 2m, twice that for a sandbox). */
export const defaultCriTimeouts: CriTimeouts = { requestMs: 120_000, runPodSandboxMs: 240_000, pullImageMs: 0 };

/** The limit of a call that itself waits up to `seconds` in the runtime; waiting without end has none. */
export function timeoutFor(seconds: number, { requestMs }: CriTimeouts): number {
  return requestMs === 0 ? 0 : seconds * 1000 + requestMs;
}
