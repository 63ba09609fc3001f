import type { Service } from "@tskube/api";
import { deepEqual, type FieldError, field, Path } from "@tskube/apimachinery";
import { addressesOf, nodePortsOf, type ServicePools } from "./pools.ts";

const specPath = Path.of("spec");

/** Gives a service the cluster address and node ports that it needs and has not, in place. Returns why what it asks for cannot be had. */
export function allocate(pools: ServicePools, service: Service, old: Service | undefined): FieldError[] {
  keepAllocated(service, old);
  dropUnneeded(service, old);
  const families = settleFamilies(service);
  if (families.length > 0) return families;
  return [...allocateAddress(pools, service, old), ...allocatePorts(pools, service, old)];
}

function needsAddress({ spec }: Service): boolean {
  return spec.type !== "ExternalName" && spec.clusterIP !== "None";
}

function needsPorts({ spec }: Service): boolean {
  return spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
}

function needsHealthPort({ spec }: Service): boolean {
  return spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

/** An update that leaves out what was allocated does not give it back. */
function keepAllocated(service: Service, old: Service | undefined): void {
  if (!old) return;
  const { spec } = service;
  if (spec.type !== "ExternalName" && old.spec.type !== "ExternalName") {
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = old.spec.clusterIP;
      spec.clusterIPs = old.spec.clusterIPs && [...old.spec.clusterIPs];
    }
    spec.ipFamilies ??= old.spec.ipFamilies && [...old.spec.ipFamilies];
    spec.ipFamilyPolicy ??= old.spec.ipFamilyPolicy;
  }
  if (needsPorts(service) && needsPorts(old)) {
    const used = new Set(nodePortsOf(service));
    for (const port of spec.ports ?? []) {
      const before = old.spec.ports?.find((one) => one.port === port.port && one.protocol === port.protocol);
      if (!port.nodePort && before?.nodePort && !used.has(before.nodePort)) port.nodePort = before.nodePort;
    }
  }
  if (needsHealthPort(service) && needsHealthPort(old)) spec.healthCheckNodePort ||= old.spec.healthCheckNodePort;
}

/** A change of type gives back what the new type does not have, unless the update speaks of it: then validation does. */
function dropUnneeded(service: Service, old: Service | undefined): void {
  if (!old) return;
  const { spec } = service;
  if (spec.type === "ExternalName") dropSame(spec, old.spec, ofAddresses);
  if (spec.type === "ClusterIP" || spec.type === "ExternalName") {
    const before = new Set(nodePortsOf(old));
    for (const port of spec.ports ?? []) if (port.nodePort && before.has(port.nodePort)) delete port.nodePort;
  }
  if (!needsHealthPort(service)) dropSame(spec, old.spec, ["healthCheckNodePort"]);
  if (spec.type === "LoadBalancer") return;
  dropSame(spec, old.spec, ["allocateLoadBalancerNodePorts", "loadBalancerClass"]);
  const hasExternal = spec.type === "ClusterIP" && (spec.externalIPs ?? []).length > 0;
  const isOpen = spec.type === "NodePort" || hasExternal;
  if (!isOpen) dropSame(spec, old.spec, ["externalTrafficPolicy"]);
}

const ofAddresses = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] as const;

function dropSame(spec: Service["spec"], old: Service["spec"], names: readonly (keyof Service["spec"])[]): void {
  for (const name of names) if (deepEqual(spec[name], old[name])) delete spec[name];
}

function allocateAddress(pools: ServicePools, service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service;
  if (spec.type === "ExternalName") return [];
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  if (!needsAddress(service)) return [];
  const asked = spec.clusterIPs?.[0];
  if (!asked) {
    const address = pools.pickAddress();
    if (address === undefined) {
      return [field.internal(specPath.child("clusterIPs"), new Error("failed to allocate a serviceIP: range is full"))];
    }
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return [];
  }
  if (old && addressesOf(old).includes(asked)) return [];
  const why = pools.refusal(asked);
  return why === undefined
    ? []
    : [field.invalid(specPath.child("clusterIPs"), [asked], `failed to allocate IP ${asked}: ${why}`)];
}

/** The cluster has addresses of one family; only services whose addresses others bring may be of both. */
function settleFamilies({ spec }: Service): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const isOpen = spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= isOpen ? "RequireDualStack" : "SingleStack";
  if (!spec.ipFamilies?.length) {
    spec.ipFamilies = isOpen && spec.ipFamilyPolicy !== "SingleStack" ? ["IPv4", "IPv6"] : ["IPv4"];
  }
  return isOpen ? [] : familyErrors(spec);
}

function familyErrors({ ipFamilies = [], ipFamilyPolicy: policy }: Service["spec"]): FieldError[] {
  const policyAt = specPath.child("ipFamilyPolicy");
  const errors = ipFamilies.flatMap((family, index) =>
    family === "IPv4"
      ? []
      : [field.invalid(specPath.child("ipFamilies").index(index), family, "not configured on this cluster")],
  );
  if (policy === "RequireDualStack") {
    errors.push(field.invalid(policyAt, policy, "this cluster is not configured for dual-stack services"));
  }
  if (policy === "SingleStack" && ipFamilies.length > 1) {
    const detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified";
    errors.push(field.invalid(policyAt, policy, detail));
  }
  return errors;
}

function allocatePorts(pools: ServicePools, service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const before = new Set(old ? nodePortsOf(old) : []);
  const chosen = new Map<string, number>();
  const used = new Set<number>();
  const ports = needsPorts(service) ? (spec.ports ?? []) : [];
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort) continue;
    const path = specPath.child("ports").index(index).child("nodePort");
    const key = `${port.protocol}/${port.nodePort}`;
    if (chosen.has(key)) errors.push(field.duplicate(path, port.nodePort));
    else if (!before.has(port.nodePort) && !used.has(port.nodePort))
      errors.push(...portErrors(pools, port.nodePort, path));
    chosen.set(key, port.nodePort);
    used.add(port.nodePort);
  }
  const next = () => pickPort(pools, used);
  for (const [index, port] of ports.entries()) {
    if (port.nodePort) continue;
    // The same port in another protocol can have the same node port.
    const twin = ports.find(
      (one) => one.port === port.port && one.nodePort && !chosen.has(`${port.protocol}/${one.nodePort}`),
    );
    port.nodePort = twin?.nodePort ?? next();
    if (port.nodePort) chosen.set(`${port.protocol}/${port.nodePort}`, port.nodePort);
    else errors.push(exhausted(specPath.child("ports").index(index).child("nodePort")));
  }
  if (needsHealthPort(service)) {
    spec.healthCheckNodePort ||= next();
    if (!spec.healthCheckNodePort) errors.push(exhausted(specPath.child("healthCheckNodePort")));
  }
  return errors;
}

function pickPort(pools: ServicePools, used: Set<number>): number | undefined {
  const { first } = pools.portRange;
  const offset = pools.ports.pick(new Set([...used].map((port) => port - first)));
  if (offset === undefined) return undefined;
  used.add(first + offset);
  return first + offset;
}

function exhausted(at: Path): FieldError {
  return field.internal(at, new Error("failed to allocate a nodePort: range is full"));
}

function portErrors(pools: ServicePools, port: number, at: Path): FieldError[] {
  const offset = pools.portOffset(port);
  const { first, last } = pools.portRange;
  if (offset === undefined) {
    const detail = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    return [field.invalid(at, port, detail)];
  }
  return pools.ports.isTaken(offset) ? [field.invalid(at, port, "provided port is already allocated")] : [];
}
