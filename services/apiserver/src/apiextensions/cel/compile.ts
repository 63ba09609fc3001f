import {
  type CelEnv,
  type CelFunc,
  type CelInput,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  isCelError,
  parse,
  plan,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { type Expr, ExprSchema } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import { create } from "@bufbuild/protobuf";
import { addresses } from "./libraries/addresses.ts";
import { lists } from "./libraries/lists.ts";
import { optionals } from "./libraries/optionals.ts";
import { quantities } from "./libraries/quantities.ts";
import { texts } from "./libraries/texts.ts";

/** Steps of loops that one expression may take, and all expressions of one object together. */
export const perCallLimit = 1_000_000;

export class BudgetExceeded extends Error {
  override readonly name = "BudgetExceeded";
}

/** What remains of the steps that an object's rules may take. */
export class Budget {
  #left: number;
  #call = 0;

  constructor(steps: number) {
    this.#left = steps;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  begin(): void {
    this.#call = perCallLimit;
  }

  step(): void {
    if (--this.#call >= 0 && --this.#left >= 0) return;
    throw new BudgetExceeded("operation cancelled: actual cost limit exceeded");
  }
}

/** An expression that was parsed and planned once. */
export interface Program {
  readonly expr: Expr;
  /** Throws what evaluation fails with. */
  run(bindings: Readonly<Record<string, CelInput>>, budget: Budget): CelValue;
}

// Evaluation is synchronous: one expression runs at a time.
let running: Budget | undefined;

const functions: CelFunc[] = [
  ...(strings as CelFunc[]),
  ...lists,
  ...quantities,
  ...texts,
  ...addresses,
  ...optionals,
  celFunc("@step", [], CelScalar.BOOL, () => {
    running?.step();
    return true;
  }),
];

let environment: CelEnv | undefined;

/** Parses and plans; throws for syntax that is none. */
export function compileExpression(text: string): Program {
  environment ??= celEnv({ funcs: functions });
  const parsed = parse(text);
  visitExpr(parsed.expr, rewrite);
  const evaluate = plan(environment, parsed);
  return {
    expr: parsed.expr,
    run(bindings, budget) {
      budget.begin();
      running = budget;
      try {
        const result = evaluate(bindings);
        if (isCelError(result)) throw budget.isSpent ? new BudgetExceeded(result.message) : result;
        return result;
      } finally {
        running = undefined;
      }
    },
  };
}

/** Counts the rounds of loops, and gives `cel.bind` its meaning: a loop of no rounds whose result sees the variable. */
function rewrite(expr: Expr): void {
  const { exprKind } = expr;
  if (exprKind.case === "comprehensionExpr") {
    const loop = exprKind.value;
    if (loop.loopCondition) loop.loopCondition = call("_&&_", [call("@step", []), loop.loopCondition]);
  } else if (
    exprKind.case === "callExpr" &&
    exprKind.value.function === "bind" &&
    isIdent(exprKind.value.target, "cel")
  ) {
    const [name, value, result] = exprKind.value.args;
    if (name?.exprKind.case !== "identExpr" || !value || !result)
      throw new Error("cel.bind() takes a variable, a value and an expression");
    const accuVar = name.exprKind.value.name;
    const bound = create(ExprSchema, {
      id: expr.id,
      exprKind: {
        case: "comprehensionExpr",
        value: {
          iterVar: "#unused",
          iterRange: create(ExprSchema, { exprKind: { case: "listExpr", value: {} } }),
          accuVar,
          accuInit: value,
          loopCondition: create(ExprSchema, {
            exprKind: { case: "constExpr", value: { constantKind: { case: "boolValue", value: false } } },
          }),
          loopStep: create(ExprSchema, { exprKind: { case: "identExpr", value: { name: accuVar } } }),
          result,
        },
      },
    });
    expr.exprKind = bound.exprKind;
  }
}

function isIdent(expr: Expr | undefined, name: string): boolean {
  return expr?.exprKind.case === "identExpr" && expr.exprKind.value.name === name;
}

function call(name: string, args: Expr[]): Expr {
  return create(ExprSchema, { exprKind: { case: "callExpr", value: { function: name, args } } });
}

/** Calls `visit` for every part of an expression, parts before wholes. */
export function visitExpr(expr: Expr | undefined, visit: (expr: Expr) => void): void {
  if (!expr) return;
  for (const part of partsOf(expr)) visitExpr(part, visit);
  visit(expr);
}

function partsOf({ exprKind }: Expr): (Expr | undefined)[] {
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
