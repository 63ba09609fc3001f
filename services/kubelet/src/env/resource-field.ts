import type { Container, ResourceFieldSelector } from "@tskube/api";
import { parseQuantity, type Quantity } from "@tskube/apimachinery";

/** What a container may use when it names no limit: the node's allocatable. */
export type Allocatable = Readonly<Record<string, string>>;

/**
 * The value of a `resourceFieldRef`: a limit or request in units of its divisor, rounded up. A container without that limit may use the
 * whole node, so the node's allocatable stands in; one without that request asks for nothing.
 */
export function resourceFieldValue(
  selector: ResourceFieldSelector,
  container: Container,
  allocatable: Allocatable,
): string {
  const [list, ...rest] = selector.resource.split(".");
  const name = rest.join(".");
  const { limits = {}, requests = {} } = container.resources ?? {};
  if ((list !== "limits" && list !== "requests") || !isSupported(name)) {
    throw new Error(`unsupported container resource : ${selector.resource}`);
  }
  const text = list === "limits" ? (limits[name] ?? allocatable[name]) : (requests[name] ?? limits[name]);
  const value = parseQuantity(text ?? "0");
  return String(divide(value, parseQuantity(!selector.divisor || selector.divisor === "0" ? "1" : selector.divisor)));
}

function isSupported(name: string): boolean {
  return name === "cpu" || name === "memory" || name === "ephemeral-storage" || name.startsWith("hugepages-");
}

function divide(value: Quantity, divisor: Quantity): bigint {
  return (value.nanos + divisor.nanos - 1n) / divisor.nanos;
}
