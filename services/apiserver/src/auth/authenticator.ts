import type { User } from "./user.ts";

/** What authentication looks at: never the body. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The verified client certificate in DER, if the peer showed one that a trusted CA signed. */
  readonly clientCertificate?: Uint8Array;
  readonly path: string;
  /** Adds to the request's audit events; absent when nothing is recorded. */
  annotate?(key: string, value: string): void;
}

export interface Authenticator {
  readonly name: string;
  /**
   * Who the credentials prove, or undefined if they hold nothing of this authenticator's kind.
   * Throws an `unauthorized` StatusError for credentials of its kind that are wrong.
   */
  authenticate(credentials: Credentials): Promise<User | undefined>;
}
