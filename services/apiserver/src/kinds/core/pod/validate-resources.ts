import type { ResourceRequirements } from "@tskube/api";
import {
  compareQuantities,
  type FieldError,
  field,
  type Path,
  parseQuantity,
  qualifiedNameErrors,
} from "@tskube/apimachinery";

const standard = new Set(["cpu", "memory", "ephemeral-storage"]);

/** Requests and limits: known names, no negative amounts, no request above its limit. */
export function validateResources(resources: ResourceRequirements | undefined, at: Path): FieldError[] {
  const { requests = {}, limits = {} } = resources ?? {};
  const errors = [...validateAmounts(limits, at.child("limits")), ...validateAmounts(requests, at.child("requests"))];
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined && compareQuantities(parseQuantity(request), parseQuantity(limit)) > 0) {
      const detail = `must be less than or equal to ${name} limit of ${limit}`;
      errors.push(field.invalid(at.child("requests"), request, detail));
    }
  }
  return errors;
}

function validateAmounts(amounts: Readonly<Record<string, string>>, at: Path): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const path = at.key(name);
    const errors = qualifiedNameErrors(name).map((message) => field.invalid(path, name, message));
    if (!standard.has(name) && !name.includes("/") && !name.startsWith("hugepages-")) {
      errors.push(field.invalid(path, name, "must be a standard resource type or fully qualified"));
      errors.push(field.invalid(path, name, "must be a standard resource for containers"));
    }
    const quantity = parseQuantity(amount);
    if (quantity.nanos < 0n) errors.push(field.invalid(path, amount, "must be greater than or equal to 0"));
    return errors;
  });
}
