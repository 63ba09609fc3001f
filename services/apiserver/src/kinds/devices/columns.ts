import type { ResourceClaim, ResourceSlice } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";

export const resourceClaimColumns: TableColumns<ResourceClaim> = {
  definitions: [
    nameColumn,
    column("State", "A summary of the current state (allocated, pending, reserved, etc.)."),
    ageColumn,
  ],
  cells: (claim) => [claim.metadata.name, stateOf(claim), ageOf(claim)],
};

/** Several things may be true at once: `deleted,allocated,reserved`. */
function stateOf({ metadata, status }: ResourceClaim): string {
  const states: string[] = [];
  if (metadata.deletionTimestamp) states.push("deleted");
  if (!status?.allocation) {
    if (!metadata.deletionTimestamp) states.push("pending");
  } else {
    states.push("allocated");
    if (status.reservedFor?.length) states.push("reserved");
  }
  return states.join(",");
}

export const resourceSliceColumns: TableColumns<ResourceSlice> = {
  definitions: [
    nameColumn,
    column("Node", "The node that the devices are on."),
    column("Driver", "The driver of the devices."),
    column("Pool", "The pool that the devices belong to."),
    ageColumn,
  ],
  cells: (slice) => [
    slice.metadata.name,
    slice.spec.nodeName ?? "<unset>",
    slice.spec.driver,
    slice.spec.pool.name,
    ageOf(slice),
  ],
};
