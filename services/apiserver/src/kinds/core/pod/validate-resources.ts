import type { ResourceRequirements } from "@tskube/api";
import {
  compareQuantities,
  type FieldError,
  field,
  formatQuantity,
  type Path,
  parseQuantity,
  type Quantity,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { ownValue } from "../../own-value.ts";
import { isExtendedResource, isHugePages, isNativeResource, isStandardResource } from "../resource-names.ts";

const ofContainers = new Set(["cpu", "memory", "ephemeral-storage"]);
const nanosOfOne = 1_000_000_000n;

/** Requests and limits of one container: known names, no negative amounts, no request above its limit. */
export function validateResources(
  resources: ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  at: Path,
): FieldError[] {
  if (!resources) return [];
  const { requests = {}, limits = {} } = resources;
  const errors = [
    ...amountsErrors(limits, containerNameErrors, at.child("limits")),
    ...amountsErrors(requests, containerNameErrors, at.child("requests")),
    ...orderErrors(requests, limits, at),
  ];
  const names = [...Object.keys(requests), ...Object.keys(limits)];
  if (names.some(isHugePages) && !names.some((name) => name === "cpu" || name === "memory")) {
    errors.push(field.forbidden(at, "HugePages require cpu or memory"));
  }
  return [...errors, ...claimErrors(resources, claims, at.child("claims"))];
}

type Amounts = Readonly<Record<string, string>>;

export function amountsErrors(
  amounts: Amounts,
  nameErrors: (name: string, at: Path) => FieldError[],
  at: Path,
): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const path = at.key(name);
    const quantity = parseQuantity(amount);
    const errors = [...nameErrors(name, path), ...amountErrors(name, quantity, path)];
    if (isHugePages(name) && !isWholePages(name, quantity)) {
      const text = formatQuantity(quantity);
      errors.push(field.invalid(path, text, `${text} is not positive integer multiple of ${name}`));
    }
    return errors;
  });
}

function amountErrors(name: string, quantity: Quantity, at: Path): FieldError[] {
  const details: string[] = [];
  if (quantity.nanos < 0n) details.push("must be greater than or equal to 0");
  if (isExtendedResource(name) && quantity.nanos % nanosOfOne !== 0n) details.push("must be an integer");
  return details.map((detail) => field.invalid(at, formatQuantity(quantity), detail));
}

function isWholePages(name: string, { nanos }: Quantity): boolean {
  const page = /^[0-9]+[KMGTPE]?i?$/.test(name.slice("hugepages-".length))
    ? parseQuantity(name.slice("hugepages-".length)).nanos
    : 0n;
  return page > 0n && nanos % page === 0n;
}

function containerNameErrors(name: string, at: Path): FieldError[] {
  const errors = qualifiedNameErrors(name).map((message) => field.invalid(at, name, message));
  if (errors.length > 0) return errors;
  if (name.includes("/")) {
    if (isNativeResource(name) || isExtendedResource(name)) return [];
    return [field.invalid(at, name, "doesn't follow extended resource name standard")];
  }
  if (!isStandardResource(name)) {
    errors.push(field.invalid(at, name, "must be a standard resource type or fully qualified"));
  }
  if (!ofContainers.has(name) && !isHugePages(name)) {
    errors.push(field.invalid(at, name, "must be a standard resource for containers"));
  }
  return errors;
}

/** Only native resources can be promised more often than they exist; of others a request is a limit. */
function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

export function orderErrors(requests: Amounts, limits: Amounts, at: Path): FieldError[] {
  return Object.entries(requests).flatMap(([name, request]) => {
    const limit = ownValue(limits, name);
    const isOvercommittable = isOvercommitAllowed(name);
    if (limit === undefined) {
      if (isOvercommittable) return [];
      return [field.required(at.child("limits"), "Limit must be set for non overcommitable resources")];
    }
    const order = compareQuantities(parseQuantity(request), parseQuantity(limit));
    if (order === 0 || (order < 0 && isOvercommittable)) return [];
    const relation = isOvercommittable ? "less than or equal to" : "equal to";
    return [field.invalid(at.child("requests"), request, `must be ${relation} ${name} limit of ${limit}`)];
  });
}

function claimErrors({ claims = [] }: ResourceRequirements, known: ReadonlySet<string>, at: Path): FieldError[] {
  const seen = new Set<string>();
  return claims.flatMap(({ name, request }, index) => {
    const path = at.index(index);
    if (!name) return [field.required(path)];
    const id = request ? `${name}/${request}` : name;
    const errors = seen.has(id) ? [field.duplicate(path, id)] : [];
    seen.add(id);
    if (known.has(name)) return errors;
    const among = known.size === 0 ? " which is empty" : `: ${[...known].sort().join(", ")}`;
    const detail = `must be one of the names in pod.spec.resourceClaims${among}`;
    return [...errors, { ...field.notFound(path, name), detail }];
  });
}
