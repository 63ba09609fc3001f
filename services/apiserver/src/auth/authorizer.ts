import type { User } from "./user.ts";

/** What is asked for, in authorization's terms (authorization.k8s.io ResourceAttributes and NonResourceAttributes). */
export interface Attributes {
  readonly user: User;
  /** get, list, watch, create, update, patch, delete, deletecollection, …; for paths the HTTP method in lower case. */
  readonly verb: string;
  readonly isResource: boolean;
  /** For requests that are not for a resource. */
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export type Decision =
  | { readonly allowed: true; readonly reason: string }
  | {
      readonly allowed: false;
      readonly denied: boolean;
      readonly reason: string;
      /** Why the question could not be answered. */
      readonly error?: Error;
    };

export interface Authorizer {
  readonly name: string;
  /** Allowed, denied (nobody after it is asked), or no opinion (`denied: false`). */
  authorize(attributes: Attributes): Promise<Decision> | Decision;
}
