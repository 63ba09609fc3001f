import type { KubeObject } from "@tskube/api";
import type { Clock } from "@tskube/base";
import type { TableColumns } from "../http/table-columns.ts";
import type { Encoding, ListPosition } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { bookmarkMetadata, jsonEvent, listMetadata } from "../watch-cache/json-encoding.ts";

export type IncludeObject = "None" | "Metadata" | "Object";

const tableType = { kind: "Table", apiVersion: "meta.k8s.io/v1" };
const mediaType = "application/json";
let tables = 0;

/**
 * Objects as rows of a table. Only the first event of a watch names the columns, so each watch has an encoding of its own; nothing is
 * kept of rows, which show ages.
 */
export function tableEncoding(columns: TableColumns, includeObject: IncludeObject, clock: Clock): Encoding {
  const columnDefinitions = columns.definitions.map(({ format = "", priority = 0, ...rest }) => ({
    ...rest,
    format,
    priority,
  }));
  const row = (entry: Entry) => ({
    cells: columns.cells(entry.object, clock.now()),
    object: rowObject(entry.object, includeObject),
  });
  let hasNamedColumns = false;
  const eventTable = (rows: object[], metadata: object) => {
    const table = { ...tableType, metadata, columnDefinitions: hasNamedColumns ? null : columnDefinitions, rows };
    hasNamedColumns = true;
    return table;
  };
  const whole = (entries: readonly Entry[], metadata: object) =>
    Buffer.from(JSON.stringify({ ...tableType, metadata, columnDefinitions, rows: entries.map(row) }));
  return {
    key: `table:${tables++}`,
    mediaType,
    streamMediaType: mediaType,
    object: (entry) => whole([entry], { resourceVersion: String(entry.revision) }),
    list: (entries, position: ListPosition) => [whole(entries, listMetadata(position))],
    event: (type, entry) => [jsonEvent(type, eventTable([row(entry)], { resourceVersion: String(entry.revision) }))],
    bookmark: (revision, endsInitialEvents) => {
      const metadata = bookmarkMetadata(revision, endsInitialEvents);
      const object = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
      return jsonEvent("BOOKMARK", eventTable([{ cells: [], object }], { resourceVersion: String(revision) }));
    },
    error: (status) => jsonEvent("ERROR", status),
  };
}

function rowObject(object: KubeObject, include: IncludeObject): object | null {
  if (include === "None") return null;
  if (include === "Object") return object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}
