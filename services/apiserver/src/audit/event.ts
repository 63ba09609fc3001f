import type { Status } from "@tskube/apimachinery";
import type { User } from "../auth/user.ts";
import type { Level, Stage } from "./policy/policy.ts";

/** A value that is JSON already. */
export type JsonText = string;

export interface ObjectReference {
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** What an answer came to: a whole Status if it was one, and only its code otherwise. */
export interface ResponseStatus {
  readonly status?: string | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: Status["details"] | undefined;
  readonly code: number;
}

/** One event of audit.k8s.io/v1: a request as it stands at one stage. Never changed once it is made. */
export interface AuditEvent {
  readonly level: Level;
  readonly auditId: string;
  readonly stage: Stage;
  readonly requestUri: string;
  readonly verb: string;
  /** Absent while nobody is authenticated. */
  readonly user: User | undefined;
  readonly impersonatedUser: User | undefined;
  readonly sourceIps: readonly string[];
  readonly userAgent: string;
  readonly objectRef: ObjectReference | undefined;
  readonly responseStatus: ResponseStatus | undefined;
  readonly requestObject: JsonText | undefined;
  readonly responseObject: JsonText | undefined;
  /** Texts of metav1.MicroTime. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations: ReadonlyMap<string, string>;
}
