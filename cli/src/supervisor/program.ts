/** How to know that a program serves: something to connect to, or nothing to wait for. */
export type Readiness =
  | { readonly kind: "none" }
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "https"; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** A process that the supervisor keeps running. */
export interface ProgramSpec {
  /** Unique in the cluster: `apiserver`, `kubelet-worker-1`. */
  readonly name: string;
  readonly argv: readonly string[];
  /** The node it belongs to, lives in and dies with. */
  readonly node: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly readiness: Readiness;
  /** Programs that must be ready before it is started for the first time. */
  readonly after: readonly string[];
}
