import { isJsonObject, isList } from "../json.ts";
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
  list.forEach((item, i) => {
    if (shape.element(item) === undefined) {
      errors.push(
        `${formatFieldPath(path)}: element ${i}: associative list with keys has an element that omits its key fields`,
      );
    }
  });
  for (const [element, items] of itemsByElement(shape, list)) {
    if (items.length > 1) {
      const what = formatFieldPath([element]).replace(/^\[=?|\]$/g, "");
      errors.push(`${formatFieldPath(path)}: duplicate entries for key [${what}]`);
    }
    path.push(element);
    for (const item of items) visit(errors, path, shape.items, item);
    path.pop();
  }
}
