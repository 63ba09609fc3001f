import { isJsonObject, isList } from "../json.ts";
import { goQuote } from "../text/go-quote.ts";
import { itemsByElement } from "./list-items.ts";
import { formatFieldPath } from "./path-text.ts";
import { type ListShape, resolveShape, type Shape } from "./shape.ts";

/** What in an applied configuration does not fit the schema, as lines for a message. */
export function appliedErrors(shape: Shape, applied: unknown): string[] {
  const errors: string[] = [];
  visit(errors, [], shape, applied);
  return errors;
}

function visit(errors: string[], path: string[], shape: Shape, value: unknown): void {
  const resolved = resolveShape(shape, value);
  if (resolved.kind === "object" && isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      const child = resolved.child(name);
      path.push(`f:${name}`);
      if (child) visit(errors, path, child, value[name]);
      else errors.push(`${formatFieldPath(path)}: field not declared in schema`);
      path.pop();
    }
  } else if (resolved.kind === "list" && isList(value)) {
    visitItems(errors, path, resolved, value);
  }
}

function visitItems(errors: string[], path: string[], shape: ListShape, list: readonly unknown[]): void {
  const at = formatFieldPath(path);
  list.forEach((item, i) => {
    if (shape.element(item) === undefined) errors.push(`${at}: element ${i}: ${keylessMessage(shape, item)}`);
  });
  for (const [element, items] of itemsByElement(shape, list)) {
    if (items.length > 1) errors.push(`${at}: duplicate entries for key ${formatFieldPath([element])}`);
    path.push(element);
    for (const item of items) visit(errors, path, shape.items, item);
    path.pop();
  }
}

function keylessMessage(shape: ListShape, item: unknown): string {
  if (item === null) return "associative list with keys may not have a null element";
  if (!isJsonObject(item)) return "associative list with keys may not have non-map elements";
  const keys = shape.keys.map(goQuote).join(" ");
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`;
}
