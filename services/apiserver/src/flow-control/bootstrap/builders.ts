import type { FlowSchema, flowcontrolV1, PriorityLevelConfiguration } from "@tskube/api";

const apiVersion = "flowcontrol.apiserver.k8s.io/v1";

/** While this is "true", the server keeps the object's spec as it would have it. */
export const autoUpdateAnnotation = "apf.kubernetes.io/autoupdate-spec";

const metadataOf = (name: string) => ({ name, annotations: { [autoUpdateAnnotation]: "true" } });

export interface FlowSchemaOptions {
  readonly level: string;
  readonly precedence: number;
  readonly distinguisher?: "ByUser" | "ByNamespace";
  readonly rules: readonly flowcontrolV1.PolicyRulesWithSubjects[];
}

export function flowSchema(name: string, { level, precedence, distinguisher, rules }: FlowSchemaOptions): FlowSchema {
  return {
    apiVersion,
    kind: "FlowSchema",
    metadata: metadataOf(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(distinguisher && { distinguisherMethod: { type: distinguisher } }),
      rules: [...rules],
    },
  };
}

export function priorityLevel(
  name: string,
  spec: flowcontrolV1.PriorityLevelConfigurationSpec,
): PriorityLevelConfiguration {
  return { apiVersion, kind: "PriorityLevelConfiguration", metadata: metadataOf(name), spec };
}

export const groups = (...names: readonly string[]): flowcontrolV1.Subject[] =>
  names.map((name) => ({ kind: "Group", group: { name } }));

export const users = (...names: readonly string[]): flowcontrolV1.Subject[] =>
  names.map((name) => ({ kind: "User", user: { name } }));

export const systemServiceAccounts = (...names: readonly string[]): flowcontrolV1.Subject[] =>
  names.map((name) => ({ kind: "ServiceAccount", serviceAccount: { name, namespace: "kube-system" } }));

export function resourceRule(
  verbs: readonly string[],
  apiGroup: string,
  resources: readonly string[],
  scope: { readonly namespaces: readonly string[]; readonly isClusterScoped?: boolean },
): flowcontrolV1.ResourcePolicyRule {
  return {
    verbs: [...verbs],
    apiGroups: [apiGroup],
    resources: [...resources],
    ...(scope.isClusterScoped && { clusterScope: true }),
    namespaces: [...scope.namespaces],
  };
}

/** Whatever the subjects ask for. */
export function everything(subjects: flowcontrolV1.Subject[]): flowcontrolV1.PolicyRulesWithSubjects {
  return {
    subjects,
    resourceRules: [resourceRule(["*"], "*", ["*"], { namespaces: ["*"], isClusterScoped: true })],
    nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
  };
}
