import type { apiextensionsV1, KubeObject } from "@tskube/api";
import type { Cell, ColumnDefinition, TableColumns, TimedCell } from "../../http/table-columns.ts";
import { ageSince, nameColumn } from "../../kinds/cells.ts";
import { defaultColumns } from "../../kinds/default-columns.ts";
import { type JsonPath, parseJsonPath } from "./json-path.ts";

type Definition = apiextensionsV1.CustomResourceColumnDefinition;

/** The columns that a version asks for after the name; the age alone when it asks for none. */
export function customColumns(definitions: readonly Definition[] | undefined): TableColumns {
  if (!definitions?.length) return defaultColumns;
  const cells = definitions.map(({ jsonPath, type }) => cellOf(parseJsonPath(jsonPath), type));
  return {
    definitions: [nameColumn, ...definitions.map(columnOf)],
    cells: (object) => [object.metadata.name, ...cells.map((cell) => cell(object))],
  };
}

function columnOf({ name, type, format, description, priority, jsonPath }: Definition): ColumnDefinition {
  return {
    name,
    type: type as ColumnDefinition["type"],
    ...(format && { format }),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
  };
}

function cellOf(path: JsonPath, type: string): (object: KubeObject) => Cell | TimedCell {
  return (object) => {
    const found = path(object);
    if (found.length === 0 || found[0] === null) return null;
    return type === "string" ? found.map(textOf).join(",") : scalarCell(found[0], type);
  };
}

/** A value of another type than the column's shows as nothing. */
function scalarCell(value: unknown, type: string): Cell | TimedCell {
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      if (typeof value !== "string") return null;
      return Number.isNaN(Date.parse(value)) ? "<invalid>" : ageSince(value);
    default:
      return null;
  }
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
