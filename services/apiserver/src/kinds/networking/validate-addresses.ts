import type { IngressClass, IPAddress, ServiceCIDR } from "@tskube/api";
import {
  cidrErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  ipErrors,
  Path,
  pathSegmentNameErrors,
  validateImmutable,
} from "@tskube/apimachinery";
import { domainPathErrors, optionalName, optionalOneOf } from "../field-rules.ts";

const specPath = Path.of("spec");
const maxRanges = 2;

/** An address in the one form that is nobody else's. */
export function addressNameErrors(name: string): string[] {
  const errors = ipErrors(name);
  if (errors.length > 0) return errors;
  const canonical = name.includes(":") ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
  return canonical === name && !/(^|\.)0[0-9]/.test(name) ? [] : ["must be a canonical form IP address"];
}

export function validateAddress({ spec }: IPAddress): FieldError[] {
  const at = specPath.child("parentRef");
  const parent = spec?.parentRef;
  if (!parent) return [field.required(at)];
  const { group, resource, name, namespace } = parent;
  return [
    ...optionalName(group, dns1123SubdomainErrors, at.child("group")),
    ...(resource
      ? optionalName(resource, pathSegmentNameErrors, at.child("resource"))
      : [field.required(at.child("resource"))]),
    ...(name ? optionalName(name, pathSegmentNameErrors, at.child("name")) : [field.required(at.child("name"))]),
    ...optionalName(namespace, pathSegmentNameErrors, at.child("namespace")),
  ];
}

export function validateAddressUpdate(address: IPAddress, old: IPAddress): FieldError[] {
  const kept = validateImmutable(address.spec?.parentRef, old.spec?.parentRef, specPath.child("parentRef"));
  return [...validateAddress(address), ...kept];
}

export function validateServiceRange({ spec }: ServiceCIDR): FieldError[] {
  const at = specPath.child("cidrs");
  const ranges = spec?.cidrs ?? [];
  if (ranges.length === 0) return [field.required(at, "at least one CIDR required")];
  const errors: FieldError[] = [];
  if (ranges.length > maxRanges) errors.push(field.invalid(at, ranges, "may only hold up to 2 values"));
  if (ranges.length > 1 && new Set(ranges.map((range) => range.includes(":"))).size < 2) {
    const detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96";
    errors.push(field.invalid(at, ranges, detail));
  }
  return [
    ...errors,
    ...ranges.flatMap((range, index) =>
      cidrErrors(range).map((message) => field.invalid(at.index(index), range, message)),
    ),
  ];
}

/** A range of a second family may be added; what is there stays. */
export function validateServiceRangeUpdate(object: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const at = specPath.child("cidrs");
  const [ranges, before] = [object.spec?.cidrs ?? [], old.spec?.cidrs ?? []];
  if (before.length !== 1 || ranges.length !== 2) return validateImmutable(ranges, before, at);
  if (ranges[0] !== before[0]) return [field.invalid(at.index(0), ranges[0], "field is immutable")];
  return validateServiceRange(object);
}

const scopes = ["Cluster", "Namespace"];
const maxControllerLength = 250;

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const at = specPath.child("controller");
  const { controller = "", parameters } = spec ?? {};
  if (controller.length > maxControllerLength) return [field.tooLong(at, maxControllerLength)];
  return [
    ...domainPathErrors(controller, at),
    ...(parameters ? parameterErrors(parameters, specPath.child("parameters")) : []),
  ];
}

type Parameters = NonNullable<NonNullable<IngressClass["spec"]>["parameters"]>;

function parameterErrors({ apiGroup, kind, name, scope, namespace }: Parameters, at: Path): FieldError[] {
  const errors = [
    ...optionalName(apiGroup, dns1123SubdomainErrors, at.child("apiGroup")),
    ...(kind
      ? optionalName(kind, pathSegmentNameErrors, at.child("kind"))
      : [field.required(at.child("kind"), "kind is required")]),
    ...(name
      ? optionalName(name, pathSegmentNameErrors, at.child("name"))
      : [field.required(at.child("name"), "name is required")]),
  ];
  if (scope === undefined) return [...errors, field.required(at.child("scope"), "")];
  errors.push(...optionalOneOf(scope, scopes, at.child("scope")));
  const namespaceAt = at.child("namespace");
  if (scope === "Namespace" && !namespace) {
    errors.push(field.required(namespaceAt, "`parameters.scope` is set to 'Namespace'"));
  }
  if (scope === "Cluster" && namespace !== undefined) {
    errors.push(field.forbidden(namespaceAt, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}

export function validateIngressClassUpdate(object: IngressClass, old: IngressClass): FieldError[] {
  const at = specPath.child("controller");
  return [...validateIngressClass(object), ...validateImmutable(object.spec?.controller, old.spec?.controller, at)];
}
