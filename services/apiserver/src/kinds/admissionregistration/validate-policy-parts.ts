import type { admissionregistrationV1 } from "@tskube/api";
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  type Path,
  pathSegmentNameErrors,
} from "@tskube/apimachinery";
import { oneOf, optionalSelector } from "../field-rules.ts";
import { matchResourcesErrors } from "./validate-match.ts";

export const failurePolicies = ["Fail", "Ignore"];

/** What both kinds of policies must say about the writes that they are about. */
export function matchConstraintErrors(
  match: admissionregistrationV1.MatchResources | undefined,
  at: Path,
): FieldError[] {
  if (!match) return [field.required(at)];
  const errors = matchResourcesErrors(match, at);
  // Without a rule there would be nothing to tell what objects are.
  if (!match.resourceRules?.length) errors.push(field.required(at.child("resourceRules")));
  return errors;
}

export function paramKindErrors({ apiVersion, kind }: admissionregistrationV1.ParamKind, at: Path): FieldError[] {
  return [...apiVersionErrors(apiVersion, at.child("apiVersion")), ...kindErrors(kind, at.child("kind"))];
}

function apiVersionErrors(apiVersion: string | undefined, at: Path): FieldError[] {
  if (!apiVersion) return [field.required(at)];
  const parts = apiVersion.split("/");
  if (parts.length > 2) return [field.invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group, version] = parts.length === 2 ? [parts[0] ?? "", parts[1] ?? ""] : ["", parts[0] ?? ""];
  const groupErrors = group === "" ? [] : dns1123SubdomainErrors(group);
  const errors = groupErrors.length > 0 ? [field.invalid(at, group, groupErrors.join(","))] : [];
  if (version === "") return [...errors, field.invalid(at, apiVersion, "version must be specified")];
  const versionErrors = dns1035LabelErrors(version);
  return versionErrors.length > 0 ? [...errors, field.invalid(at, version, versionErrors.join(","))] : errors;
}

function kindErrors(kind: string | undefined, at: Path): FieldError[] {
  if (!kind) return [field.required(at)];
  const errors = dns1035LabelErrors(kind.toLowerCase());
  if (errors.length === 0) return [];
  return [field.invalid(at, kind, `may have mixed case, but should otherwise match: ${errors.join(",")}`)];
}

interface BindingSpec {
  readonly policyName?: string | undefined;
  readonly paramRef?: admissionregistrationV1.ParamRef | undefined;
  readonly matchResources?: admissionregistrationV1.MatchResources | undefined;
}

/** What is wrong with what both kinds of bindings have. */
export function bindingErrors({ policyName, paramRef, matchResources }: BindingSpec, at: Path): FieldError[] {
  const path = at.child("policyName");
  const errors = policyName
    ? dns1123SubdomainErrors(policyName).map((message) => field.invalid(path, policyName, message))
    : [field.required(path)];
  return [
    ...errors,
    ...(paramRef ? paramRefErrors(paramRef, at.child("paramRef")) : []),
    // Upstream's own spelling.
    ...(matchResources ? matchResourcesErrors(matchResources, at.child("matchResouces")) : []),
  ];
}

function paramRefErrors({ name, selector, parameterNotFoundAction }: admissionregistrationV1.ParamRef, at: Path) {
  const exclusive = "name and selector are mutually exclusive";
  const errors: FieldError[] = [];
  if (name) {
    errors.push(...pathSegmentNameErrors(name).map((message) => field.invalid(at.child("name"), name, message)));
    if (selector) errors.push(field.forbidden(at.child("name"), exclusive));
  }
  if (selector) {
    errors.push(...optionalSelector(selector, at.child("selector")));
    if (name) errors.push(field.forbidden(at.child("selector"), exclusive));
  }
  if (!name && !selector) errors.push(field.required(at, "one of name or selector must be specified"));
  return [...errors, ...oneOf(parameterNotFoundAction, ["Deny", "Allow"], at.child("parameterNotFoundAction"))];
}
