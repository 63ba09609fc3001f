import type { Service } from "@tskube/api";
import { cidrErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalOneOf } from "../../field-rules.ts";

const policies = ["Cluster", "Local"];

/** How traffic comes from outside and which of the endpoints gets it. */
export function validateTraffic(spec: Service["spec"], at: Path): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal, type } = spec;
  const hasExternal = type === "ClusterIP" && (spec.externalIPs ?? []).length > 0;
  const isOpen = type === "LoadBalancer" || type === "NodePort" || hasExternal;
  const externalAt = at.child("externalTrafficPolicy");
  const errors = optionalOneOf(external, policies, externalAt);
  if (isOpen && !external) errors.push(field.required(externalAt));
  if (!isOpen && external) {
    errors.push(field.invalid(externalAt, external, "may only be set for externally-accessible services"));
  }
  if (type !== "ExternalName" && internal === undefined) errors.push(field.required(at.child("internalTrafficPolicy")));
  return [
    ...errors,
    ...optionalOneOf(internal, policies, at.child("internalTrafficPolicy")),
    ...healthErrors(spec, at.child("healthCheckNodePort")),
    ...rangeErrors(spec, at.child("loadBalancerSourceRanges")),
  ];
}

function healthErrors(
  { healthCheckNodePort: port, type, externalTrafficPolicy }: Service["spec"],
  at: Path,
): FieldError[] {
  if (!port || (type === "LoadBalancer" && externalTrafficPolicy === "Local")) return [];
  const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  return [field.invalid(at, port, detail)];
}

function rangeErrors({ loadBalancerSourceRanges: ranges = [], type }: Service["spec"], at: Path): FieldError[] {
  if (ranges.length === 0) return [];
  if (type !== "LoadBalancer") return [field.forbidden(at, "may only be used when `type` is 'LoadBalancer'")];
  return ranges.flatMap((range, index) =>
    cidrErrors(range.trim()).map((message) => field.invalid(at.index(index), range, message)),
  );
}
