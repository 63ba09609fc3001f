import type { Service } from "@tskube/api";
import {
  dns1123SubdomainErrors,
  type FieldError,
  field,
  ipErrors,
  Path,
  qualifiedNameErrors,
  validateImmutable,
  validateLabels,
} from "@tskube/apimachinery";
import { oneOf, optionalName, optionalOneOf } from "../../field-rules.ts";
import { specialAddressErrors } from "./special-addresses.ts";
import { validateServicePorts } from "./validate-service-ports.ts";
import { validateTraffic } from "./validate-traffic.ts";

const specPath = Path.of("spec");
const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const affinities = ["ClientIP", "None"];
const distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];
const maxAffinitySeconds = 86_400;

export function validateService({ spec }: Service): FieldError[] {
  const isHeadless = spec.clusterIP === "None";
  return [
    ...typeErrors(spec, isHeadless),
    ...validateServicePorts(spec, isHeadless, specPath.child("ports")),
    ...validateLabels(spec.selector, specPath.child("selector")),
    ...affinityErrors(spec),
    ...oneOf(spec.type, types, specPath.child("type")),
    ...addressErrors(spec),
    ...validateTraffic(spec, specPath),
    ...optionalOneOf(spec.trafficDistribution, distributions, specPath.child("trafficDistribution")),
  ];
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors = validateService(service);
  const hadAddress = old.spec.type !== "ExternalName" && Boolean(old.spec.clusterIP);
  const hasAddress = service.spec.type !== "ExternalName";
  if (hadAddress && hasAddress && service.spec.clusterIP !== old.spec.clusterIP) {
    const path = specPath.child("clusterIPs").index(0);
    errors.push(field.invalid(path, service.spec.clusterIPs ?? null, "may not change once set"));
  }
  if (service.spec.type === "LoadBalancer" && old.spec.type === "LoadBalancer") {
    const path = specPath.child("loadBalancerClass");
    errors.push(...validateImmutable(service.spec.loadBalancerClass, old.spec.loadBalancerClass, path));
  }
  return errors;
}

/** What a service of its type has to have, or cannot. */
function typeErrors(spec: Service["spec"], isHeadless: boolean): FieldError[] {
  if (spec.type === "ExternalName") return externalNameErrors(spec);
  if (!isHeadless || (spec.type !== "LoadBalancer" && spec.type !== "NodePort")) return [];
  const detail = `may not be set to 'None' for ${spec.type} services`;
  return [field.invalid(specPath.child("clusterIPs").index(0), "None", detail)];
}

function externalNameErrors(spec: Service["spec"]): FieldError[] {
  const notForNames = (["clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const)
    .filter((name) => spec[name] !== undefined && spec[name] !== "" && spec[name]?.length !== 0)
    .map((name) => field.forbidden(specPath.child(name), "may not be set for ExternalName services"));
  const path = specPath.child("externalName");
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") return [...notForNames, field.required(path)];
  return [...notForNames, ...dns1123SubdomainErrors(name).map((message) => field.invalid(path, name, message))];
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig: config }: Service["spec"]): FieldError[] {
  const errors = oneOf(sessionAffinity, affinities, specPath.child("sessionAffinity"));
  const path = specPath.child("sessionAffinityConfig");
  if (sessionAffinity === "None" && config !== undefined) {
    return [...errors, field.forbidden(path, "must not be set when session affinity is None")];
  }
  if (sessionAffinity !== "ClientIP") return errors;
  const seconds = config?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [...errors, field.required(path.child("clientIP"), "")];
  if (seconds > 0 && seconds <= maxAffinitySeconds) return errors;
  const detail = `must be greater than 0 and less than ${maxAffinitySeconds}`;
  return [...errors, field.invalid(path.child("clientIP", "timeoutSeconds"), seconds, detail)];
}

function addressErrors(spec: Service["spec"]): FieldError[] {
  const cluster = (spec.clusterIPs ?? [])
    .filter((address) => address !== "None")
    .flatMap((address, index) => optionalName(address, ipErrors, specPath.child("clusterIPs").index(index)));
  const external = (spec.externalIPs ?? []).flatMap((address, index) => {
    const path = specPath.child("externalIPs").index(index);
    const errors = ipErrors(address).map((message) => field.invalid(path, address, message));
    return errors.length > 0 ? errors : specialAddressErrors(address, path);
  });
  return [...cluster, ...external, ...classErrors(spec)];
}

/** What only load balancers read. */
function classErrors(spec: Service["spec"]): FieldError[] {
  if (spec.type === "LoadBalancer") {
    return optionalName(spec.loadBalancerClass, qualifiedNameErrors, specPath.child("loadBalancerClass"));
  }
  const onlyForBalancers = "may only be used when `type` is 'LoadBalancer'";
  return (["loadBalancerClass", "allocateLoadBalancerNodePorts"] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => field.forbidden(specPath.child(name), onlyForBalancers));
}
