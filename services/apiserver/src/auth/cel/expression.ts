import {
  type CelEnv,
  type CelInput,
  type CelValue,
  celEnv,
  celMap,
  isCelError,
  isCelList,
  isCelMap,
  isCelUint,
  parse,
  plan,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import type { Expr } from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import { errorMessage } from "@tskube/base";
import { partsOf } from "./parts-of.ts";

/** An expression of a configuration file, parsed and planned once. */
export interface Expression {
  readonly text: string;
  /** Whether it looks at that field of that variable. */
  uses(variable: string, field: string): boolean;
  /** What it comes to, as JSON. Throws what evaluation fails with. */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
}

let environment: CelEnv | undefined;

/** Compiles `text`, which may name `variables`; throws why it cannot. */
export function compileExpression(text: string, variables: readonly string[]): Expression {
  environment ??= celEnv({ funcs: [...strings] });
  const { expr, evaluate } = parsed(text, environment);
  const [unknown] = unknownNames(expr, new Set(variables));
  if (unknown) throw new Error(`compilation failed: undeclared reference to '${unknown}' (in container '')`);
  return {
    text,
    uses: (variable, field) => uses(expr, variable, field),
    evaluate(values) {
      const result = evaluate(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toCel(value)])));
      if (isCelError(result)) throw new Error(upstreamWords(result.message), { cause: result });
      return fromCel(result);
    },
  };
}

function parsed(text: string, env: CelEnv) {
  try {
    const { expr } = parse(text);
    return { expr, evaluate: plan(env, parse(text)) };
  } catch (cause) {
    throw new Error(`compilation failed: ${errorMessage(cause)}`, { cause });
  }
}

/** Names that are neither variables nor made by a loop around them. */
function unknownNames(expr: Expr | undefined, known: ReadonlySet<string>): string[] {
  if (!expr) return [];
  const { exprKind } = expr;
  if (exprKind.case === "identExpr") return known.has(exprKind.value.name) ? [] : [exprKind.value.name];
  if (exprKind.case !== "comprehensionExpr") return partsOf(expr).flatMap((part) => unknownNames(part, known));
  const { iterVar, accuVar, iterRange } = exprKind.value;
  const inside = new Set([...known, iterVar, accuVar]);
  return [
    ...unknownNames(iterRange, known),
    ...partsOf(expr).flatMap((part) => (part === iterRange ? [] : unknownNames(part, inside))),
  ];
}

function uses(expr: Expr | undefined, variable: string, field: string): boolean {
  if (!expr) return false;
  const { exprKind } = expr;
  if (exprKind.case === "selectExpr" && exprKind.value.field === field) {
    const operand = exprKind.value.operand?.exprKind;
    if (operand?.case === "identExpr" && operand.value.name === variable) return true;
  }
  return partsOf(expr).some((part) => uses(part, variable, field));
}

function upstreamWords(message: string): string {
  return message
    .replace(/^field not found: /, "no such key: ")
    .replace(/^found no matching overload.*$/s, "no such overload");
}

/** JSON as expressions see it: whole numbers are integers. */
function toCel(value: unknown): CelInput {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== "object") return value as string | boolean;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return celMap(new Map(entries.map(([key, item]) => [key, toCel(item)])));
}

function fromCel(value: CelValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (isCelUint(value)) return Number(value.value);
  if (isCelList(value)) return [...value].map((item) => fromCel(item as CelValue));
  if (isCelMap(value)) {
    return Object.fromEntries([...value.entries()].map(([key, item]) => [String(key), fromCel(item)]));
  }
  return value;
}
