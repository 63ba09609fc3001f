import type { Expr } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import { itemsOf, keepsUnknown, type Schema } from "../schema/structure.ts";
import { visitExpr } from "./compile.ts";
import { escapeName } from "./values.ts";

/** Fields that an expression reads of `self` or `oldSelf` and that their schema does not have. */
export function undefinedFields(expr: Expr, schema: Schema): string[] {
  const missing: string[] = [];
  const schemaOf = (part: Expr | undefined): Schema | undefined => {
    const kind = part?.exprKind;
    if (kind?.case === "identExpr")
      return kind.value.name === "self" || kind.value.name === "oldSelf" ? schema : undefined;
    if (kind?.case === "selectExpr") return field(schemaOf(kind.value.operand), kind.value.field);
    if (kind?.case === "callExpr" && kind.value.function === "_[_]") {
      const container = schemaOf(kind.value.args[0]);
      return container?.type === "array" ? itemsOf(container) : undefined;
    }
    return undefined;
  };
  visitExpr(expr, (part) => {
    if (part.exprKind.case !== "selectExpr") return;
    const owner = schemaOf(part.exprKind.value.operand);
    const isClosed = owner?.type === "object" && owner.properties !== undefined && !keepsUnknown(owner);
    if (isClosed && !field(owner, part.exprKind.value.field)) missing.push(part.exprKind.value.field);
  });
  return missing;
}

function field(owner: Schema | undefined, name: string): Schema | undefined {
  const found = Object.entries(owner?.properties ?? {}).find(([own]) => escapeName(own) === name)?.[1];
  return found ?? (typeof owner?.additionalProperties === "object" ? owner.additionalProperties : undefined);
}
