import type { EndpointSlice, Service } from "@tskube/api";
import type { ServiceTarget } from "../api-service/api-service.ts";
import type { Availability } from "../api-service/conditions.ts";

/** What can be told of an extension server from its service and endpoints alone; undefined where it has to be asked. */
export function checkService(
  { namespace, name, port }: ServiceTarget,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const at = `service/${name} in ${JSON.stringify(namespace)}`;
  if (!service) return unavailable("ServiceNotFound", `${at} is not present`);
  // Of other types the cluster does not know whether, or where, they listen.
  if ((service.spec?.type ?? "ClusterIP") !== "ClusterIP") return undefined;
  const servicePort = service.spec?.ports?.find((one) => one.port === port);
  if (!servicePort) return unavailable("ServicePortError", `${at} is not listening on port ${port}`);
  if (slices.length === 0) return unavailable("EndpointsNotFound", `cannot find endpointslices for ${at}`);
  const portName = servicePort.name ?? "";
  if (slices.some((slice) => hasReadyEndpoint(slice, portName))) return undefined;
  const message = `endpointslices for ${at} have no addresses with port name ${JSON.stringify(portName)}`;
  return unavailable("MissingEndpoints", message);
}

function unavailable(reason: string, message: string): Availability {
  return { status: "False", reason, message };
}

function hasReadyEndpoint({ endpoints, ports = [] }: EndpointSlice, portName: string): boolean {
  const isReady = endpoints.some(({ conditions }) => conditions?.ready !== false);
  return isReady && ports.some(({ name, port }) => (name ?? "") === portName && port !== undefined);
}
