import type { Ingress, IngressBackend, IngressSpec } from "@tskube/api";
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  ipFamily,
  Path,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from "@tskube/apimachinery";
import { optionalName } from "../field-rules.ts";

const specPath = Path.of("spec");
const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
const forbiddenInPaths = ["//", "/./", "/../", "%2f", "%2F"];
const forbiddenAtEnds = ["/..", "/."];

type Rule = NonNullable<IngressSpec["rules"]>[number];
type HttpPath = NonNullable<Rule["http"]>["paths"][number];

export function validateIngress({ spec }: Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec ?? {};
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(field.invalid(specPath, rules, "either `defaultBackend` or `rules` must be specified"));
  }
  if (defaultBackend) errors.push(...backendErrors(defaultBackend, specPath.child("defaultBackend")));
  for (const [index, rule] of rules.entries()) errors.push(...ruleErrors(rule, specPath.child("rules").index(index)));
  for (const [index, { hosts = [] }] of tls.entries()) {
    const path = specPath.child("tls").index(index).child("hosts");
    errors.push(...hosts.flatMap((host, at) => optionalName(host, hostErrorsOf(host), path.index(at))));
  }
  return [...errors, ...optionalName(ingressClassName, dns1123SubdomainErrors, specPath.child("ingressClassName"))];
}

function hostErrorsOf(host: string): (host: string) => readonly string[] {
  return host.includes("*") ? wildcardSubdomainErrors : dns1123SubdomainErrors;
}

function ruleErrors({ host, http }: Rule, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (host && ipFamily(host)) {
    errors.push(field.invalid(at.child("host"), host, "must be a DNS name, not an IP address"));
  } else if (host) errors.push(...optionalName(host, hostErrorsOf(host), at.child("host")));
  if (!http) return errors;
  const path = at.child("http", "paths");
  if (http.paths.length === 0) errors.push(field.required(path));
  return [...errors, ...http.paths.flatMap((one, index) => pathErrors(one, path.index(index)))];
}

function pathErrors({ path = "", pathType, backend }: HttpPath, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (!pathType) errors.push(field.required(at.child("pathType"), "pathType must be specified"));
  else if (!pathTypes.includes(pathType)) errors.push(field.notSupported(at.child("pathType"), pathType, pathTypes));
  else errors.push(...pathTextErrors(path, pathType, at.child("path")));
  return [...errors, ...backendErrors(backend, at.child("backend"))];
}

function pathTextErrors(path: string, pathType: string, at: Path): FieldError[] {
  const isLoose = pathType === "ImplementationSpecific";
  const errors: FieldError[] = [];
  if (!path.startsWith("/") && !(isLoose && path === "")) {
    errors.push(field.invalid(at, path, "must be an absolute path"));
  }
  if (isLoose || path === "") return errors;
  for (const part of forbiddenInPaths) {
    if (path.includes(part)) errors.push(field.invalid(at, path, `must not contain '${part}'`));
  }
  for (const end of forbiddenAtEnds) {
    if (path.endsWith(end)) errors.push(field.invalid(at, path, `cannot end with '${end}'`));
  }
  return errors;
}

function backendErrors({ service, resource }: IngressBackend, at: Path): FieldError[] {
  if (service && resource) return [field.invalid(at, "", "cannot set both resource and service backends")];
  if (resource) {
    const missing = (["kind", "name"] as const).filter((name) => !resource[name]);
    return missing.map((name) => field.required(at.child("resource", name)));
  }
  if (!service) return [field.invalid(at, "", "resource or service backend is required")];
  const nameAt = at.child("service", "name");
  const errors = service.name ? optionalName(service.name, dns1035LabelErrors, nameAt) : [field.required(nameAt)];
  const { name, number } = service.port ?? {};
  const portAt = at.child("service", "port");
  if (name && number) errors.push(field.invalid(at, "", "cannot set both port name & port number"));
  else if (name) errors.push(...optionalName(name, portNameErrors, portAt.child("name")));
  else if (number) {
    errors.push(...portNumberErrors(number).map((message) => field.invalid(portAt.child("number"), number, message)));
  } else errors.push(field.required(at, "port name or number is required"));
  return errors;
}
