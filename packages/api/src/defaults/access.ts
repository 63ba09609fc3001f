import type { TokenRequestSpec } from "../generated/authentication.k8s.io/v1.ts";
import type {
  ExemptPriorityLevelConfiguration,
  FlowSchemaSpec,
  LimitedPriorityLevelConfiguration,
  QueuingConfiguration,
} from "../generated/flowcontrol.apiserver.k8s.io/v1.ts";
import type { ClusterRoleBinding, RoleBinding, Subject } from "../generated/rbac.authorization.k8s.io/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

const rbacGroup = "rbac.authorization.k8s.io";

export const accessDefaults: DefaultsByType = {
  "rbac.authorization.k8s.io/v1.RoleBinding": defaultBinding,
  "rbac.authorization.k8s.io/v1.ClusterRoleBinding": defaultBinding,
  "rbac.authorization.k8s.io/v1.Subject": (subject: Subject) => {
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ||= rbacGroup;
  },
  "authentication.k8s.io/v1.TokenRequestSpec": (spec: TokenRequestSpec) => {
    spec.expirationSeconds ??= 3600;
  },
  "flowcontrol.apiserver.k8s.io/v1.FlowSchemaSpec": (spec: FlowSchemaSpec) => {
    spec.matchingPrecedence ||= 1000;
  },
  "flowcontrol.apiserver.k8s.io/v1.ExemptPriorityLevelConfiguration": (level: ExemptPriorityLevelConfiguration) => {
    level.nominalConcurrencyShares ??= 0;
    level.lendablePercent ??= 0;
  },
  "flowcontrol.apiserver.k8s.io/v1.LimitedPriorityLevelConfiguration": (level: LimitedPriorityLevelConfiguration) => {
    // Zero is meant when it is said: such a level lives on what it borrows.
    level.nominalConcurrencyShares ??= 30;
    level.lendablePercent ??= 0;
  },
  "flowcontrol.apiserver.k8s.io/v1.QueuingConfiguration": (queuing: QueuingConfiguration) => {
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
};

function defaultBinding({ roleRef }: RoleBinding | ClusterRoleBinding): void {
  roleRef.apiGroup ||= rbacGroup;
}
