import type { apiextensionsV1 } from "@tskube/api";
import { type FieldError, field, Path } from "@tskube/apimachinery";
import type { NewCondition } from "./conditions.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

const approvalAnnotation = "api-approved.kubernetes.io";
const approvalPage = "https://github.com/kubernetes/enhancements/pull/1111";

/** Groups that belong to the Kubernetes project. */
function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

interface ApprovalProblem {
  readonly isMissing: boolean;
  readonly message: string;
}

/** Why a definition's annotation does not let it into a protected group; undefined when it does. */
function approvalProblem({ metadata }: Definition): ApprovalProblem | undefined {
  const value = metadata.annotations?.[approvalAnnotation];
  if (!value) {
    const message = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)}, see ${approvalPage}`;
    return { isMissing: true, message };
  }
  if (value.startsWith("unapproved") || isUrl(value)) return undefined;
  const rule = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)} with either a URL or a reason starting with "unapproved", see ${approvalPage}`;
  return { isMissing: false, message: rule };
}

/** A definition that was let in before is not asked again while it says the same. */
export function approvalErrors(definition: Definition, old: Definition | undefined): FieldError[] {
  if (!isProtectedGroup(definition.spec.group)) return [];
  const problem = approvalProblem(definition);
  if (!problem || (old && approvalProblem(old)?.isMissing === problem.isMissing)) return [];
  const path = Path.of("metadata", "annotations").key(approvalAnnotation);
  const value = definition.metadata.annotations?.[approvalAnnotation] ?? "";
  return [problem.isMissing ? field.required(path, problem.message) : field.invalid(path, value, problem.message)];
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
