import type { apiextensionsV1 } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { nameColumn } from "../../kinds/cells.ts";

/** As upstream, which shows when a definition was made rather than how long ago. */
export const definitionColumns: TableColumns<apiextensionsV1.CustomResourceDefinition> = {
  definitions: [nameColumn, { name: "Created At", type: "date", description: "When the definition was created." }],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
};
