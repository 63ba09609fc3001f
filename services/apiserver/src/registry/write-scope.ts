import type { User } from "../auth/user.ts";
import type { FieldManagement } from "./field-management.ts";

/** Who writes, where to, and how: what every write of the registry is told. */
export interface WriteScope {
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly user: User;
  /** The group and version that the request named; the written resource's own when absent. */
  readonly requested?: { readonly group: string; readonly version: string };
  /** Records fields as the version has them that the request named; absent where that is the stored version. */
  readonly fields?: FieldManagement;
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
