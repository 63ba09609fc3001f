import type { Service, ServicePort } from "@tskube/api";

/**
 * Variables that tell a container of `namespace` where services are: always the API's own, and with `enableServiceLinks` those of its
 * namespace, in both Kubernetes' form (`WEB_SERVICE_HOST`) and that of Docker links (`WEB_PORT_80_TCP_ADDR`).
 */
export function serviceEnvironment(
  services: Iterable<Service>,
  namespace: string,
  enableServiceLinks: boolean,
): Map<string, string> {
  const chosen = new Map<string, Service>();
  for (const service of services) {
    if (!hasClusterIp(service)) continue;
    const { name = "", namespace: home = "" } = service.metadata ?? {};
    const isOwn = home === namespace && enableServiceLinks;
    const isApi = home === "default" && name === "kubernetes" && !chosen.has(name);
    if (isOwn || isApi) chosen.set(name, service);
  }
  const variables = new Map<string, string>();
  for (const [name, service] of [...chosen].sort(([a], [b]) => (a < b ? -1 : 1))) addService(variables, name, service);
  return variables;
}

function hasClusterIp(service: Service): boolean {
  const ip = service.spec?.clusterIP;
  return ip !== undefined && ip !== "" && ip !== "None";
}

function addService(variables: Map<string, string>, serviceName: string, service: Service): void {
  const ip = service.spec?.clusterIP ?? "";
  const ports = service.spec?.ports ?? [];
  const first = ports[0];
  if (!first) return;
  const name = variableName(serviceName);
  variables.set(`${name}_SERVICE_HOST`, ip);
  variables.set(`${name}_SERVICE_PORT`, String(first.port));
  for (const port of ports) {
    if (port.name) variables.set(`${name}_SERVICE_PORT_${variableName(port.name)}`, String(port.port));
  }
  variables.set(`${name}_PORT`, url(ip, first));
  for (const port of ports) addLink(variables, name, ip, port);
}

function addLink(variables: Map<string, string>, name: string, ip: string, port: ServicePort): void {
  const protocol = protocolOf(port);
  const prefix = `${name}_PORT_${port.port}_${protocol}`;
  variables.set(prefix, url(ip, port));
  variables.set(`${prefix}_PROTO`, protocol.toLowerCase());
  variables.set(`${prefix}_PORT`, String(port.port));
  variables.set(`${prefix}_ADDR`, ip);
}

function protocolOf(port: ServicePort): string {
  return port.protocol ?? "TCP";
}

function url(ip: string, port: ServicePort): string {
  return `${protocolOf(port).toLowerCase()}://${ip.includes(":") ? `[${ip}]` : ip}:${port.port}`;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
