import type { apiextensionsV1 } from "@tskube/api";
import type { NewCondition } from "./conditions.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export const approvalAnnotation = "api-approved.kubernetes.io";
const approvalPage = "https://github.com/kubernetes/enhancements/pull/1111";

/** Groups that belong to the Kubernetes project. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** Why a definition's annotation does not let it into a protected group; undefined when it does. */
export function approvalProblem({ metadata }: Definition): { isMissing: boolean; message: string } | undefined {
  const value = metadata.annotations?.[approvalAnnotation];
  if (!value) {
    const message = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)}, see ${approvalPage}`;
    return { isMissing: true, message };
  }
  if (value.startsWith("unapproved") || isUrl(value)) return undefined;
  const rule = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)} with either a URL or a reason starting with "unapproved", see ${approvalPage}`;
  return { isMissing: false, message: rule };
}

/** What the conditions say of approval; nothing for groups that need none. */
export function apiApproval(definition: Definition): NewCondition | undefined {
  if (!isProtectedGroup(definition.spec.group)) return undefined;
  const type = "KubernetesAPIApprovalPolicyConformant";
  const value = definition.metadata.annotations?.[approvalAnnotation] ?? "";
  const problem = approvalProblem(definition);
  if (problem) {
    const reason = problem.isMissing ? "MissingAnnotation" : "InvalidAnnotation";
    return { type, status: "False", reason, message: problem.message };
  }
  if (value.startsWith("unapproved"))
    return { type, status: "False", reason: "UnapprovedAnnotation", message: `not approved: ${JSON.stringify(value)}` };
  return { type, status: "True", reason: "ApprovedAnnotation", message: `approved in ${value}` };
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).host !== "";
}
