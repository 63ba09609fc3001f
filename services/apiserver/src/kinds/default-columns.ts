import type { TableColumns } from "../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "./cells.ts";

/** Columns of kinds that show no more than their age, as custom ones do unless they ask for others. */
export const defaultColumns: TableColumns = {
  definitions: [nameColumn, ageColumn],
  cells: (object) => [object.metadata.name, ageOf(object)],
};

/** Columns of built-in kinds without any of their own. */
export const createdColumns: TableColumns = {
  definitions: [nameColumn, column("Created At", "When the object was created.", { type: "date" })],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? "<unknown>"],
};
