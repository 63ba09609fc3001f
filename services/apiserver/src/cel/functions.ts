import type { Type } from "./types.ts";
import type { Value } from "./values/index.ts";

/** What a call costs; counted after it has run. */
export type CallCost = (args: readonly Value[], result: Value) => number;

/** One signature of a function, and what it does. */
export interface Overload {
  readonly isMember: boolean;
  /** The receiver is the first of them. */
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** Called with values of the parameters' types alone. Throws `EvaluationError`. */
  readonly call: (args: readonly Value[]) => Value;
  /** One when absent. */
  readonly cost?: CallCost;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overload: Overload;
}

/** A function's own body: its parameters are narrower than any value, which the dispatcher has made sure of. */
type Body = (...args: never[]) => Value;

function declare(
  isMember: boolean,
  name: string,
  parameters: readonly Type[],
  result: Type,
  body: Body,
  cost?: CallCost,
) {
  const call = (args: readonly Value[]) => (body as (...args: readonly Value[]) => Value)(...args);
  return {
    name,
    overload: { isMember, parameters, result, call, ...(cost && { cost }) },
  } satisfies FunctionDeclaration;
}

/** `name(a, b)`. */
export function func(name: string, parameters: readonly Type[], result: Type, body: Body, cost?: CallCost) {
  return declare(false, name, parameters, result, body, cost);
}

/** `a.name(b)`: the receiver is the first parameter. */
export function method(name: string, parameters: readonly Type[], result: Type, body: Body, cost?: CallCost) {
  return declare(true, name, parameters, result, body, cost);
}

export type Functions = ReadonlyMap<string, readonly Overload[]>;

export function functionTable(...libraries: readonly (readonly FunctionDeclaration[])[]): Functions {
  const table = new Map<string, Overload[]>();
  for (const { name, overload } of libraries.flat()) {
    const known = table.get(name);
    if (known) known.push(overload);
    else table.set(name, [overload]);
  }
  return table;
}
