import type { KubeObject } from "@tskube/api";
import type { Cell, ColumnDefinition, TimedCell } from "../http/table-columns.ts";

export const nameColumn: ColumnDefinition = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
};

export const ageColumn = column("Age", "How long ago the object was created.");

export function column(
  name: string,
  description: string,
  options: { readonly type?: ColumnDefinition["type"]; readonly isWide?: boolean } = {},
): ColumnDefinition {
  return { name, type: options.type ?? "string", description, priority: options.isWide ? 1 : 0 };
}

export function ageOf({ metadata }: KubeObject): Cell | TimedCell {
  return ageSince(metadata.creationTimestamp);
}

/** How long ago `timestamp` was; `<unknown>` without one. */
export function ageSince(timestamp: string | null | undefined): Cell | TimedCell {
  if (!timestamp) return "<unknown>";
  const sinceMs = Date.parse(timestamp);
  return (nowMs) => shortDuration(nowMs - sinceMs);
}

/** A duration as kubectl shows it: two units at most, the second only while it matters. */
export function shortDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return withRest(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return withRest(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return withRest(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return days < 2920 ? withRest(years, "y", days % 365, "d") : `${years}y`;
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`;
}

/** `a=1,b=2` in the order of keys, `<none>` for none. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? "<none>" : pairs.map(([key, value]) => `${key}=${value}`).join(",");
}

export function orNone(text: string | undefined): string {
  return text === undefined || text === "" ? "<none>" : text;
}
