import type { Clock } from "@tskube/base";
import type { TableColumns } from "../http/table-columns.ts";
import type { EventType } from "../watch-cache/cache-event.ts";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { bookmarkMetadata, jsonEvent, listMetadata } from "../watch-cache/json-encoding.ts";
import type { TableRows } from "./table-rows.ts";

/** What a row tells of its object, as JSON. */
export type RowObject = (entry: Entry) => Buffer;

const tableType = { kind: "Table", apiVersion: "meta.k8s.io/v1" };
const mediaType = "application/json";
/** So many rows leave in one part. */
const rowsPerPart = 128;
const rowTail = Buffer.from("}");
const tableTail = Buffer.from("]}");
let tables = 0;

/** Objects as rows of a table. Only the first event of a watch names the columns, so each watch has an encoding of its own. */
export function tableEncoding(
  columns: TableColumns,
  tableRows: TableRows,
  rowObject: RowObject,
  clock: Clock,
): Encoding {
  const columnDefinitions = columns.definitions.map(({ format = "", priority = 0, ...rest }) => ({
    ...rest,
    format,
    priority,
  }));
  let hasNamedColumns = false;

  /** A table up to its rows. */
  const head = (metadata: object, definitions: object | null) =>
    `${JSON.stringify({ ...tableType, metadata, columnDefinitions: definitions }).slice(0, -1)},"rows":[`;
  const row = (entry: Entry, nowMs: number, before: string) => [
    Buffer.from(before + tableRows.head(entry, nowMs)),
    rowObject(entry),
    rowTail,
  ];
  const rows = (entries: readonly Entry[]) => {
    const nowMs = clock.now();
    const parts: Buffer[] = [];
    for (let at = 0; at < entries.length; at += rowsPerPart) {
      const run = entries.slice(at, at + rowsPerPart);
      parts.push(Buffer.concat(run.flatMap((entry, i) => row(entry, nowMs, at + i === 0 ? "" : ","))));
    }
    return parts;
  };
  const whole = (entries: readonly Entry[], metadata: object) => [
    Buffer.from(head(metadata, columnDefinitions)),
    ...rows(entries),
    tableTail,
  ];
  /** The columns, for the first event only. */
  const definitionsOnce = () => {
    const definitions = hasNamedColumns ? null : columnDefinitions;
    hasNamedColumns = true;
    return definitions;
  };
  const event = (type: EventType, entry: Entry) => {
    const table = head({ resourceVersion: String(entry.revision) }, definitionsOnce());
    return [Buffer.from(`{"type":"${type}","object":${table}`), ...rows([entry]), Buffer.from("]}}\n")];
  };

  return {
    key: `table:${tables++}`,
    mediaType,
    streamMediaType: mediaType,
    object: (entry) => Buffer.concat(whole([entry], { resourceVersion: String(entry.revision) })),
    list: (entries, position) => whole(inOrder(entries, columns), listMetadata(position)),
    event,
    bookmark: (revision, endsInitialEvents) => {
      const metadata = bookmarkMetadata(revision, endsInitialEvents);
      const object = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
      return jsonEvent("BOOKMARK", {
        ...tableType,
        metadata: { resourceVersion: String(revision) },
        columnDefinitions: definitionsOnce(),
        rows: [{ cells: [], object }],
      });
    },
    error: (status) => jsonEvent("ERROR", status),
  };
}

function inOrder(entries: readonly Entry[], columns: TableColumns): readonly Entry[] {
  if (!columns.compare) return entries;
  return [...entries].sort((a, b) => columns.compare?.(a.object, b.object) ?? 0);
}
