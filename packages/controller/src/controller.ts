import type { KubeObject } from "@tskube/api";
import type { Clock, Logger, MetricsRegistry } from "@tskube/base";
import type { Client, EventRecorder, Informers, KindName, KindTypes, Listers } from "@tskube/client";

/** What a reconcile comes to when it does not throw. */
export type Result = { readonly kind: "done" } | { readonly kind: "after"; readonly delayMs: number };

/** Nothing more to do until something changes. */
export const done: Result = { kind: "done" };

/** Look again after `delayMs`, or sooner if something changes. */
export function after(delayMs: number): Result {
  return { kind: "after", delayMs };
}

/** A failure that trying again cannot repair: logged and counted, not retried until something changes. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

export function terminal(cause: unknown): TerminalError {
  return new TerminalError("trying again cannot help", { cause });
}

/** The keys to look at because of an object; several, one or none. */
export type Keys = string | readonly string[] | undefined;

/** Which keys a change wakes. Called with the object before and after a change, so that both sides of a move are looked at. */
export type WakeRule<T> =
  | ((object: T) => Keys)
  | {
      readonly keys: (object: T) => Keys;
      /** Lets only some updates through; adds and deletes always pass. */
      readonly onUpdate?: (old: T, object: T) => boolean;
    };

/** A loop that moves the world one step towards what is wanted, one key at a time. */
export interface Controller<K extends KindName = KindName> {
  /** Names its queue, metrics and log lines. */
  readonly name: string;
  /** What it watches, and the keys that a change of each means. */
  readonly wakeOn: { readonly [P in K]?: WakeRule<KindTypes[P]> };
  /** Kinds read through listers only: awaited before the first reconcile like those of `wakeOn`. */
  readonly reads?: readonly KindName[];
  /** Keys worked on at once; 5 when absent. */
  readonly workers?: number;
  /** A reconcile that takes longer has its signal aborted and counts as failed; no limit when absent. */
  readonly timeoutMs?: number;
  /** Wakes for reasons that are no object of the API: called once when the controller starts; `wake` may be called at any time. */
  start?(wake: (key: string, delayMs?: number) => void, signal: AbortSignal): void | Promise<void>;
  /**
   * Looks at the world as it is now and moves the object called `key` one step. Never told what happened. Throws to be tried
   * again with growing waits.
   */
  reconcile(key: string, signal: AbortSignal): Promise<Result>;
}

/** What controllers are made from. */
export interface Deps {
  readonly client: Client;
  readonly informers: Informers;
  /** `informers.listers`, so that a controller can take it apart in its parameter list. */
  readonly listers: Listers;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry;
}

/** Makes a controller; its listers are registered when it is called, so call it before informers start. */
export type ControllerFactory = (deps: Deps) => Controller;

/** An object's key for `wakeOn`, when the controller's keys are those of the objects themselves. */
export function self(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}
