import type { EndpointSlice, Endpoints, Service } from "@tskube/api";
import type { TableColumns } from "../../../http/table-columns.ts";
import { ageColumn, ageOf, column, labelsText, nameColumn } from "../../cells.ts";

export const serviceColumns: TableColumns<Service> = {
  definitions: [
    nameColumn,
    column("Type", "How the service is reached."),
    column("Cluster-IP", "The service's address within the cluster."),
    column("External-IP", "Addresses from outside the cluster."),
    column("Port(s)", "The service's ports, with their node ports."),
    ageColumn,
    column("Selector", "The labels of the pods behind the service.", { isWide: true }),
  ],
  cells: (service) => [
    service.metadata.name,
    service.spec.type ?? "ClusterIP",
    service.spec.clusterIP || "<none>",
    externalAddress(service),
    portsText(service) || "<none>",
    ageOf(service),
    labelsText(service.spec.selector),
  ],
};

function externalAddress({ spec, status }: Service): string {
  const external = spec.externalIPs ?? [];
  if (spec.type === "ExternalName") return spec.externalName ?? "";
  if (spec.type !== "LoadBalancer") return external.join(",") || "<none>";
  const balanced = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "");
  return [...balanced, ...external].join(",") || "<pending>";
}

function portsText({ spec }: Service): string {
  return (spec.ports ?? [])
    .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ""}/${protocol ?? "TCP"}`)
    .join(",");
}

/** Longer lists end in how many are not shown. */
const maxShown = 3;

export const endpointsColumns: TableColumns<Endpoints> = {
  definitions: [nameColumn, column("Endpoints", "Addresses and ports behind the service."), ageColumn],
  cells: (endpoints) => [endpoints.metadata.name, endpointsText(endpoints), ageOf(endpoints)],
};

function endpointsText({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  return shorten(all, "<none>");
}

export const endpointSliceColumns: TableColumns<EndpointSlice> = {
  definitions: [
    nameColumn,
    column("AddressType", "The kind of the addresses."),
    column("Ports", "The ports of every endpoint."),
    column("Endpoints", "The addresses."),
    ageColumn,
  ],
  cells: (slice) => [
    slice.metadata.name,
    slice.addressType,
    slicePorts(slice),
    shorten(
      slice.endpoints.flatMap(({ addresses }) => addresses),
      "<unset>",
    ),
    ageOf(slice),
  ],
};

function slicePorts({ ports }: EndpointSlice): string {
  const all = (ports ?? []).map(({ name, port }) => (port === undefined ? (name ?? "*") : String(port)));
  return shorten(all, "<unset>");
}

function shorten(values: readonly string[], none: string): string {
  if (values.length === 0) return none;
  const shown = values.slice(0, maxShown).join(",");
  return values.length > maxShown ? `${shown} + ${values.length - maxShown} more...` : shown;
}
