import type { DeviceClass, ResourceClaim, ResourceClaimTemplate } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  Path,
  validateImmutable,
} from "@tskube/apimachinery";
import { positive } from "../field-rules.ts";

type Devices = NonNullable<NonNullable<ResourceClaim["spec"]>["devices"]>;
type Request = NonNullable<Devices["requests"]>[number];
type Exact = NonNullable<Request["exactly"]>;
type Selectors = Exact["selectors"];

const specPath = Path.of("spec");
const modes = ["All", "ExactCount"];
const maxRequests = 32;
const maxAlternatives = 8;
const maxSelectors = 32;
const maxExpressionBytes = 10 * 1024;

export function validateResourceClaim({ spec }: ResourceClaim): FieldError[] {
  return claimSpecErrors(spec, specPath);
}

/** What was asked for is what was allocated: it stays. */
export function validateResourceClaimUpdate(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  return [...validateImmutable(claim.spec, old.spec, specPath), ...validateResourceClaim(claim)];
}

export function validateResourceClaimTemplate({ spec }: ResourceClaimTemplate): FieldError[] {
  return claimSpecErrors(spec.spec, specPath.child("spec"));
}

export function validateResourceClaimTemplateUpdate(
  template: ResourceClaimTemplate,
  old: ResourceClaimTemplate,
): FieldError[] {
  return [...validateImmutable(template.spec, old.spec, specPath), ...validateResourceClaimTemplate(template)];
}

export function validateDeviceClass({ spec }: DeviceClass): FieldError[] {
  return selectorErrors(spec.selectors, specPath.child("selectors"));
}

function claimSpecErrors(spec: ResourceClaim["spec"], specAt: Path): FieldError[] {
  const { requests = [], constraints = [] } = spec?.devices ?? {};
  const at = specAt.child("devices");
  const requestsAt = at.child("requests");
  const names = new Set<string>();
  const errors = requests.length > maxRequests ? [field.tooMany(requestsAt, requests.length, maxRequests)] : [];
  for (const [index, request] of requests.entries()) {
    errors.push(...requestErrors(request, names, requestsAt.index(index)));
  }
  for (const [index, { requests: about = [], matchAttribute, distinctAttribute }] of constraints.entries()) {
    const path = at.child("constraints").index(index);
    errors.push(...unknownErrors(about, names, path.child("requests")));
    if (matchAttribute === undefined && distinctAttribute === undefined) {
      errors.push(field.required(path, "exactly one of `matchAttribute` or `distinctAttribute` is required"));
    }
  }
  return errors;
}

function unknownErrors(about: readonly string[], names: ReadonlySet<string>, at: Path): FieldError[] {
  return about.flatMap((name, index) => {
    if (names.has(name)) return [];
    const detail =
      "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
    return [field.invalid(at.index(index), name, detail)];
  });
}

/** Notes the request's name and those of its alternatives among `names`. */
function requestErrors(request: Request, names: Set<string>, at: Path): FieldError[] {
  const { name, exactly, firstAvailable = [] } = request;
  const errors = nameErrors(name, names, at.child("name"));
  names.add(name);
  if (exactly && firstAvailable.length > 0) {
    errors.push(field.invalid(at, request, "exactly one of `exactly` or `firstAvailable` is required"));
  }
  if (!exactly && firstAvailable.length === 0) {
    errors.push(field.required(at, "exactly one of `exactly` or `firstAvailable` is required"));
  }
  if (exactly) errors.push(...exactErrors(exactly, at.child("exactly")));
  const alternativesAt = at.child("firstAvailable");
  if (firstAvailable.length > maxAlternatives) {
    errors.push(field.tooMany(alternativesAt, firstAvailable.length, maxAlternatives));
  }
  const own = new Set<string>();
  for (const [index, alternative] of firstAvailable.entries()) {
    const path = alternativesAt.index(index);
    errors.push(...nameErrors(alternative.name, own, path.child("name")), ...exactErrors(alternative, path));
    own.add(alternative.name);
    names.add(`${name}/${alternative.name}`);
  }
  return errors;
}

function nameErrors(name: string, seen: ReadonlySet<string>, at: Path): FieldError[] {
  if (!name) return [field.required(at)];
  const errors = dns1123LabelErrors(name).map((message) => field.invalid(at, name, message));
  return seen.has(name) ? [...errors, field.duplicate(at, name)] : errors;
}

type Asked = Pick<Exact, "deviceClassName" | "selectors" | "allocationMode" | "count">;

function exactErrors({ deviceClassName, selectors, allocationMode, count }: Asked, at: Path): FieldError[] {
  const classAt = at.child("deviceClassName");
  const errors = deviceClassName
    ? dns1123SubdomainErrors(deviceClassName).map((message) => field.invalid(classAt, deviceClassName, message))
    : [field.required(classAt)];
  errors.push(...selectorErrors(selectors, at.child("selectors")));
  if (allocationMode === "All") {
    if (!count) return errors;
    return [...errors, field.invalid(at.child("count"), count, "must not be specified when allocationMode is 'All'")];
  }
  if (allocationMode === "ExactCount") return [...errors, ...positive(count ?? 0, at.child("count"))];
  return [...errors, field.notSupported(at.child("allocationMode"), allocationMode ?? "", modes)];
}

function selectorErrors(selectors: Selectors, at: Path): FieldError[] {
  const list = selectors ?? [];
  const errors = list.length > maxSelectors ? [field.tooMany(at, list.length, maxSelectors)] : [];
  for (const [index, { cel }] of list.entries()) {
    const path = at.index(index).child("cel");
    if (!cel) errors.push(field.required(path));
    else if (!cel.expression) errors.push(field.required(path.child("expression")));
    else if (Buffer.byteLength(cel.expression) > maxExpressionBytes) {
      errors.push(field.tooLong(path.child("expression"), maxExpressionBytes));
    }
  }
  return errors;
}
