import type { TableColumns } from "../http/table-columns.ts";
import { ageColumn, ageOf, nameColumn } from "./cells.ts";

/** Columns of kinds that say nothing else. */
export const defaultColumns: TableColumns = {
  definitions: [nameColumn, ageColumn],
  cells: (object, now) => [object.metadata.name, ageOf(object, now)],
};
