import type { KubeObject } from "@tskube/api";
import type { User } from "../auth/user.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** One write on its way to the store (admission.k8s.io AdmissionRequest). */
export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly kind: string;
  /** The group and version that the request named, where they are others over the same storage. */
  readonly requested: { readonly group: string; readonly version: string };
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** The new object, in the version named here; a mutating plugin changes it in place. Absent on DELETE. */
  readonly object: KubeObject | undefined;
  /** The stored object on UPDATE and DELETE: shared, never to be changed. */
  readonly oldObject: KubeObject | undefined;
  /** CreateOptions, UpdateOptions, DeleteOptions, or a CONNECT's options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Adds a `Warning` header to the answer. */
  warn(message: string): void;
  /** Adds `key: value` to the request's audit event. */
  annotate(key: string, value: string): void;
}

/**
 * Looks at each write between decoding and storing. Refuses by throwing a StatusError (`forbidden`, `invalid`, …).
 * All plugins' `admit` run in order, then the object is validated, then all `validate` run.
 */
export interface AdmissionPlugin {
  readonly name: string;
  handles(attributes: AdmissionAttributes): boolean;
  admit?(attributes: AdmissionAttributes, signal: AbortSignal): Promise<void> | void;
  validate?(attributes: AdmissionAttributes, signal: AbortSignal): Promise<void> | void;
  /** Whether what it did in `admit` is to be seen by all plugins, which then admit once more. */
  wantsReinvocation?(attributes: AdmissionAttributes): boolean;
}
