import type { ControllerFactory } from "@tskube/controller";
import type { Config } from "../config.ts";

/** One controller of the list: what it is called in flags, whom it acts as, and how it is made. */
export interface ControllerEntry {
  /** As upstream calls it in `--controllers`. */
  readonly name: string;
  /** The short name that upstream still takes. */
  readonly alias: string;
  /** Its service account in kube-system, which the API server's default roles are bound to. */
  readonly serviceAccount: string;
  /** The component in its events. */
  readonly eventSource: string;
  /** Runs only if it is named, not by `*`. */
  readonly isOptional?: boolean;
  /** Nothing when the configuration leaves it without work. */
  create(config: Config): ControllerFactory | undefined;
}
