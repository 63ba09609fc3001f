import { applyConflict } from "../status/constructors.ts";
import type { StatusError } from "../status/status-error.ts";
import { goQuote } from "../text/go-quote.ts";
import { forEachPath } from "./field-set.ts";
import type { Manager } from "./managers.ts";
import type { Conflict } from "./ownership.ts";
import { formatFieldPath } from "./path-text.ts";

interface FieldConflict {
  readonly manager: string;
  readonly path: string;
}

/** The answer to an apply that would take fields from others without force: one cause for each field. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const fields = conflicts
    .flatMap(fieldConflicts)
    .sort((a, b) => (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0));
  const causes = fields.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${manager}`,
    field: path,
  }));
  return applyConflict(causes, conflictMessage(fields));
}

function fieldConflicts({ manager, fields }: Conflict): FieldConflict[] {
  const found: FieldConflict[] = [];
  const shown = showManager(manager);
  forEachPath(fields, (path) => found.push({ manager: shown, path: formatFieldPath(path) }));
  return found;
}

function showManager({ name, operation, apiVersion, subresource }: Manager): string {
  const part = subresource ? ` with subresource ${goQuote(subresource)}` : "";
  return goQuote(name) + part + (operation === "Update" ? ` using ${apiVersion}` : "");
}

function conflictMessage(fields: readonly FieldConflict[]): string {
  const [first] = fields;
  if (first && fields.length === 1)
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`;
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of fields) byManager.set(manager, [...(byManager.get(manager) ?? []), path]);
  const lines = [...byManager].flatMap(([manager, paths]) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${fields.length} conflicts: ${lines.join("\n")}`;
}
