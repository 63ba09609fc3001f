import type { Container, PodSpec } from "@tskube/api";
import {
  addQuantities,
  compareQuantities,
  type FieldError,
  field,
  formatQuantity,
  type Path,
  parseQuantity,
} from "@tskube/apimachinery";
import { ownValue } from "../../own-value.ts";
import { isHugePages } from "../resource-names.ts";
import { amountsErrors, orderErrors } from "./validate-resources.ts";

const supported = ["cpu", "memory"];

/** Resources of a pod as a whole: they have to hold what its containers ask for. */
export function validatePodResources(spec: PodSpec, at: Path): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const { requests = {}, limits = {}, claims = [] } = resources;
  const errors = [
    ...amountsErrors(limits, nameErrors, at.child("limits")),
    ...amountsErrors(requests, nameErrors, at.child("requests")),
    ...orderErrors(requests, limits, at),
  ];
  if (claims.length > 0) errors.push(field.forbidden(at.child("claims"), "may not be set for Resources at pod-level"));
  for (const [name, amount] of Object.entries(requests)) {
    const total = sum(spec.containers, name);
    if (compareQuantities(total, parseQuantity(amount)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${formatQuantity(total)}`;
    errors.push(field.invalid(at.child("requests").key(name), amount, detail));
  }
  return errors;
}

function nameErrors(name: string, at: Path): FieldError[] {
  return supported.includes(name) || isHugePages(name) ? [] : [field.notSupported(at, name, supported)];
}

function sum(containers: readonly Container[], name: string) {
  const amounts = containers.map((container) => parseQuantity(ownValue(container.resources?.requests, name) ?? "0"));
  return amounts.reduce(addQuantities, parseQuantity("0"));
}
