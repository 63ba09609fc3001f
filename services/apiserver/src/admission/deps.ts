import type { Clock } from "@tskube/base";
import type { Authorizer } from "../auth/authorizer.ts";
import type { BindingIndex } from "../auth/rbac/binding-index.ts";
import type { LocalObjects } from "../registry/objects.ts";
import type { AdmissionConfiguration } from "./configuration/admission-configuration.ts";
import type { FindResourceOfKind } from "./resource-of-kind.ts";

export interface AdmissionDeps {
  readonly objects: LocalObjects;
  readonly authorizer: Authorizer;
  /** All roles and bindings, when RBAC is on. */
  readonly rbac?: BindingIndex | undefined;
  readonly clock: Clock;
  readonly findResource: FindResourceOfKind;
}

export interface AdmissionOptions {
  /** `--admission-control-config-file`. */
  readonly configuration?: AdmissionConfiguration;
  /** `--enable-admission-plugins`: on besides the default ones. */
  readonly enable?: readonly string[];
  /** `--disable-admission-plugins`. */
  readonly disable?: readonly string[];
  /** `--default-not-ready-toleration-seconds`; 300 when absent. */
  readonly notReadyTolerationSeconds?: number;
  /** `--default-unreachable-toleration-seconds`; 300 when absent. */
  readonly unreachableTolerationSeconds?: number;
}
