import type { Expr } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";

/** The expressions that an expression is made of. */
export function partsOf({ exprKind }: Expr): (Expr | undefined)[] {
  switch (exprKind.case) {
    case "selectExpr":
      return [exprKind.value.operand];
    case "callExpr":
      return [exprKind.value.target, ...exprKind.value.args];
    case "listExpr":
      return exprKind.value.elements;
    case "structExpr":
      return exprKind.value.entries.flatMap(({ keyKind, value }) => [
        keyKind.case === "mapKey" ? keyKind.value : undefined,
        value,
      ]);
    case "comprehensionExpr": {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
      return [iterRange, accuInit, loopCondition, loopStep, result];
    }
    default:
      return [];
  }
}
