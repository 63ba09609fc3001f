import type { KubeObject } from "@tskube/api";

export interface ColumnDefinition {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, higher ones with `-o wide`. */
  readonly priority?: number;
}

export type Cell = string | number | boolean | null;

/** A cell whose text changes with time alone, as an age does. */
export type TimedCell = (nowMs: number) => Cell;

/** The cells of a row at a moment. */
export function cellsAt(cells: readonly (Cell | TimedCell)[], nowMs: number): Cell[] {
  return cells.map((cell) => (typeof cell === "function" ? cell(nowMs) : cell));
}

/** What is to be known of a row besides its cells. */
export interface RowCondition {
  readonly type: "Completed";
  readonly status: "True";
  readonly reason: string;
  readonly message: string;
}

/** How `kubectl get` shows a kind. */
export interface TableColumns<T extends KubeObject = KubeObject> {
  readonly definitions: readonly ColumnDefinition[];
  /** Made once for an object: what depends on the time besides is a function of it. */
  cells(object: T): readonly (Cell | TimedCell)[];
  /** Absent for a row of which there is nothing more to say. */
  conditions?(object: T): readonly RowCondition[] | undefined;
  /** The order of rows in a list, where that is not the order of names. */
  compare?(a: T, b: T): number;
}
