import type { TableColumns, TimedCell } from "../http/table-columns.ts";
import type { Entry } from "../watch-cache/entry.ts";

/** A row up to its object: JSON as it is, and cells whose text is made when the row is sent. */
type RowForm = readonly (string | TimedCell)[];

/**
 * The rows of a resource's objects. What does not change with time is made once for each object and kept for as long as the object is: parsing an
 * object for its row costs many times what sending the row does.
 */
export class TableRows {
  readonly #columns: TableColumns;
  readonly #forms = new WeakMap<Entry, RowForm>();

  constructor(columns: TableColumns) {
    this.#columns = columns;
  }

  /** `{"cells":[…],"object":` */
  head(entry: Entry, nowMs: number): string {
    let form = this.#forms.get(entry);
    if (!form) {
      form = this.#formOf(entry);
      this.#forms.set(entry, form);
    }
    let text = "";
    for (const part of form) text += typeof part === "string" ? part : JSON.stringify(part(nowMs));
    return text;
  }

  #formOf({ object }: Entry): RowForm {
    const parts: (string | TimedCell)[] = [];
    let text = '{"cells":[';
    for (const [index, cell] of this.#columns.cells(object).entries()) {
      if (index > 0) text += ",";
      if (typeof cell === "function") {
        parts.push(text, cell);
        text = "";
      } else {
        text += JSON.stringify(cell) ?? "null";
      }
    }
    const conditions = this.#columns.conditions?.(object);
    text += conditions ? `],"conditions":${JSON.stringify(conditions)},"object":` : '],"object":';
    return [...parts, text];
  }
}
