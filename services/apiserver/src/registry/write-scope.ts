import type { User } from "../auth/user.ts";

/** Who writes, where to, and how: what every write of the registry is told. */
export interface WriteScope {
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** The name that the write's fields are recorded under. */
  readonly fieldManager: string;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions as admission sees them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Adds a `Warning` header to the answer. */
  warn(message: string): void;
  /** Adds an annotation to the audit event. */
  annotate(key: string, value: string): void;
}
