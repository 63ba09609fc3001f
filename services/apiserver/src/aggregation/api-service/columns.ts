import { getCondition } from "@tskube/apimachinery";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../../kinds/cells.ts";
import { type APIService, serviceOf } from "./api-service.ts";

export const apiServiceColumns: TableColumns<APIService> = {
  definitions: [
    nameColumn,
    column("Service", "The reference to the service that hosts this API endpoint."),
    column("Available", "Whether this service is available."),
    ageColumn,
  ],
  cells: (service) => [service.metadata.name, serviceText(service), availableText(service), ageOf(service)],
};

function serviceText(service: APIService): string {
  const target = serviceOf(service);
  return target ? `${target.namespace}/${target.name}` : "Local";
}

function availableText(service: APIService): string {
  const { status = "Unknown", reason = "" } = getCondition(service, "Available") ?? {};
  return status === "True" || reason === "" ? status : `${status} (${reason})`;
}
