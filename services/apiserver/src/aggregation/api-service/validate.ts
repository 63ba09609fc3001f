import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  goQuote,
  Path,
  pathSegmentNameErrors,
} from "@tskube/apimachinery";
import type { APIService, APIServiceSpec } from "./api-service.ts";

const specPath = Path.of("spec");
const maxGroupPriority = 20_000;
const maxVersionPriority = 1_000;
const statuses = ["True", "False", "Unknown"];

export function validateApiService(service: APIService): FieldError[] {
  const { spec } = service;
  return [
    ...nameErrors(service),
    ...groupVersionErrors(spec),
    ...priorityErrors(spec),
    ...(spec.service ? serviceErrors(spec) : localErrors(spec)),
  ];
}

export function validateApiServiceStatus({ status }: APIService): FieldError[] {
  const at = Path.of("status", "conditions");
  return (status?.conditions ?? []).flatMap((condition, i) =>
    statuses.includes(condition.status)
      ? []
      : [field.notSupported(at.index(i).child("status"), condition.status, statuses)],
  );
}

function nameErrors({ metadata, spec }: APIService): FieldError[] {
  const { name } = metadata;
  const required = `${spec.version ?? ""}.${spec.group ?? ""}`;
  // What cannot be a name at all has been complained about already.
  if (!name || name === required || pathSegmentNameErrors(name).length > 0) return [];
  const message = `must be \`spec.version+"."+spec.group\`: ${goQuote(required)}`;
  return [field.invalid(Path.of("metadata", "name"), name, message)];
}

function groupVersionErrors({ group = "", version = "" }: APIServiceSpec): FieldError[] {
  const at = specPath.child("group");
  const errors: FieldError[] = [];
  if (group === "" && version !== "v1") {
    errors.push(field.required(at, "only v1 may have an empty group and it better be legacy kube"));
  }
  if (group !== "") errors.push(...dns1123SubdomainErrors(group).map((message) => field.invalid(at, group, message)));
  const versionErrors = dns1035LabelErrors(version);
  return [...errors, ...versionErrors.map((message) => field.invalid(specPath.child("version"), version, message))];
}

function priorityErrors({ groupPriorityMinimum, versionPriority }: APIServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > maxGroupPriority) {
    const message = "must be positive and less than 20000";
    errors.push(field.invalid(specPath.child("groupPriorityMinimum"), groupPriorityMinimum, message));
  }
  if (versionPriority <= 0 || versionPriority > maxVersionPriority) {
    const message = "must be positive and less than 1000";
    errors.push(field.invalid(specPath.child("versionPriority"), versionPriority, message));
  }
  return errors;
}

function localErrors({ caBundle = "", insecureSkipTLSVerify }: APIServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (caBundle !== "") {
    const size = Buffer.byteLength(caBundle, "base64");
    const message = "local APIServices may not have a caBundle";
    errors.push(field.invalid(specPath.child("caBundle"), `${size} bytes`, message));
  }
  if (insecureSkipTLSVerify) {
    const message = "local APIServices may not have insecureSkipTLSVerify";
    errors.push(field.invalid(specPath.child("insecureSkipTLSVerify"), true, message));
  }
  return errors;
}

function serviceErrors({ service, caBundle = "", insecureSkipTLSVerify }: APIServiceSpec): FieldError[] {
  const at = specPath.child("service");
  const errors: FieldError[] = [];
  if (!service?.namespace) errors.push(field.required(at.child("namespace")));
  if (!service?.name) errors.push(field.required(at.child("name")));
  if (insecureSkipTLSVerify && caBundle !== "") {
    const message = "may not be true if caBundle is present";
    errors.push(field.invalid(specPath.child("insecureSkipTLSVerify"), true, message));
  }
  return errors;
}
