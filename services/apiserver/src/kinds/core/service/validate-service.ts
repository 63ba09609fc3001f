import type { Service, ServicePort } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  ipErrors,
  Path,
  portNameErrors,
  portNumberErrors,
  validateImmutable,
  validateLabels,
} from "@tskube/apimachinery";

const specPath = Path.of("spec");
const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const protocols = ["SCTP", "TCP", "UDP"];
const affinities = ["ClientIP", "None"];
const policies = ["Cluster", "Local"];

export function validateService({ spec }: Service): FieldError[] {
  const isHeadless = spec.clusterIP === "None";
  return [
    ...validatePorts(spec.ports ?? [], spec.type ?? "", isHeadless),
    ...validateLabels(spec.selector, specPath.child("selector")),
    ...oneOf(spec.sessionAffinity, affinities, specPath.child("sessionAffinity")),
    ...oneOf(spec.type, types, specPath.child("type")),
    ...validateTypes({ spec } as Service, isHeadless),
    ...validateAddresses(spec),
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

function oneOf(value: string | undefined, allowed: readonly string[], at: Path): FieldError[] {
  if (!value) return [field.required(at)];
  return allowed.includes(value) ? [] : [field.notSupported(at, value, allowed)];
}

function validatePorts(ports: readonly ServicePort[], type: string, isHeadless: boolean): FieldError[] {
  const at = specPath.child("ports");
  if (ports.length === 0 && !isHeadless && type !== "ExternalName") return [field.required(at)];
  const names = new Set<string>();
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const path = at.index(index);
    const errors = [...validatePortName(port.name ?? "", names, ports.length > 1, path.child("name"))];
    errors.push(...portNumberErrors(port.port).map((message) => field.invalid(path.child("port"), port.port, message)));
    errors.push(...oneOf(port.protocol, protocols, path.child("protocol")));
    errors.push(...validateTarget(port.targetPort, path.child("targetPort")));
    const key = `${port.protocol}/${port.port}`;
    if (seen.has(key)) errors.push(field.duplicate(path, { port: port.port, protocol: port.protocol }));
    seen.add(key);
    if (isHeadless && port.nodePort) {
      errors.push(field.forbidden(path.child("nodePort"), "may not be used when `type` is 'ClusterIP'"));
    }
    return errors;
  });
}

function validatePortName(name: string, seen: Set<string>, isRequired: boolean, at: Path): FieldError[] {
  if (name === "") return isRequired ? [field.required(at)] : [];
  const errors = dns1123LabelErrors(name).map((message) => field.invalid(at, name, message));
  if (seen.has(name)) errors.push(field.duplicate(at, name));
  seen.add(name);
  return errors;
}

function validateTarget(target: number | string | undefined, at: Path): FieldError[] {
  if (target === undefined) return [];
  const messages = typeof target === "number" ? portNumberErrors(target) : portNameErrors(target);
  return messages.map((message) => field.invalid(at, target, message));
}

function validateTypes({ spec }: Service, isHeadless: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type === "ExternalName") {
    const path = specPath.child("externalName");
    const name = (spec.externalName ?? "").replace(/\.$/, "");
    if (name === "") errors.push(field.required(path));
    else errors.push(...dns1123SubdomainErrors(name).map((message) => field.invalid(path, name, message)));
  }
  if (isHeadless && (spec.type === "LoadBalancer" || spec.type === "NodePort")) {
    const detail = `may not be set to 'None' for ${spec.type} services`;
    errors.push(field.invalid(specPath.child("clusterIPs").index(0), "None", detail));
  }
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal } = spec;
  if (external && !policies.includes(external)) {
    errors.push(field.notSupported(specPath.child("externalTrafficPolicy"), external, policies));
  }
  if (internal && !policies.includes(internal)) {
    errors.push(field.notSupported(specPath.child("internalTrafficPolicy"), internal, policies));
  }
  return errors;
}

function validateAddresses(spec: Service["spec"]): FieldError[] {
  const check = (address: string, at: Path) => ipErrors(address).map((message) => field.invalid(at, address, message));
  const cluster = (spec.clusterIPs ?? [])
    .filter((address) => address !== "None")
    .flatMap((address, index) => check(address, specPath.child("clusterIPs").index(index)));
  const external = (spec.externalIPs ?? []).flatMap((address, index) =>
    check(address, specPath.child("externalIPs").index(index)),
  );
  return [...cluster, ...external];
}
