/** What handlers tell of a request for its audit events. What the policy does not want recorded costs nothing. */
export interface AuditTrail {
  /** Adds an annotation; the first value of a key stays. */
  annotate(key: string, value: string): void;
  /** What the client sent, decoded and with defaults, before anything else changes it. Copied at once. */
  requested(object: object): void;
  /** The patch that the client sent. */
  patched(patch: unknown): void;
  /** What is answered; `json` makes its text and is called only if that is recorded. */
  answered(json: () => string): void;
  /** The Status that is answered. */
  answeredStatus(status: object): void;
}
