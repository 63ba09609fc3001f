import type { admissionregistrationV1 } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import { type Environment, EvaluationError, MapValue, type Type, celType as t, type Value } from "../../cel/index.ts";
import type { Bindings } from "../cel/bindings.ts";
import { compileOrFail, type Expression } from "../cel/expression.ts";

/** A policy's variables: each may use those before it. */
export interface Variables {
  /** The environment of expressions that may use all of them. */
  readonly environment: Environment;
  /** Adds their values, each of which is made when an expression first needs it. */
  bind(bindings: Bindings): Bindings;
}

export function composeVariables(
  variables: readonly admissionregistrationV1.Variable[] = [],
  environment: Environment,
): Variables {
  const types: Record<string, Type> = {};
  const compiled = new Map<string, Expression>();
  let composed = withTypes(environment, types);
  for (const { name, expression } of variables) {
    const variable = compileOrFail(expression, composed);
    compiled.set(name, variable);
    types[name] = variable.type;
    composed = withTypes(environment, types);
  }
  return {
    environment: compiled.size > 0 ? composed : environment,
    bind: (bindings) => (compiled.size > 0 ? withValues(bindings, compiled) : bindings),
  };
}

export function withTypes(environment: Environment, types: Readonly<Record<string, Type>>): Environment {
  const variables = t.structType("kubernetes.variables", { ...types });
  return { ...environment, variables: { ...environment.variables, variables } };
}

function withValues(bindings: Bindings, compiled: ReadonlyMap<string, Expression>): Bindings {
  const { budget } = bindings;
  const all: Bindings = {
    budget,
    variable: (name) => (name === "variables" ? values : bindings.variable(name)),
  };
  const values = new LazyVariables(compiled, all);
  return all;
}

/** Evaluates a variable when it is first read; what that costs counts like the expression that reads it. */
class LazyVariables extends MapValue {
  readonly #compiled: ReadonlyMap<string, Expression>;
  readonly #bindings: Bindings;
  readonly #known = new Map<string, Value>();

  constructor(compiled: ReadonlyMap<string, Expression>, bindings: Bindings) {
    super();
    this.#compiled = compiled;
    this.#bindings = bindings;
  }

  get size(): number {
    return this.#compiled.size;
  }

  keys(): Iterable<Value> {
    return this.#compiled.keys();
  }

  get(name: Value): Value | undefined {
    const expression = typeof name === "string" ? this.#compiled.get(name) : undefined;
    if (!expression || typeof name !== "string") return undefined;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const value = evaluated(name, expression, this.#bindings);
    this.#known.set(name, value);
    return value;
  }
}

function evaluated(name: string, expression: Expression, bindings: Bindings): Value {
  try {
    return expression.evaluate(bindings);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const message = `composited variable "${name}" fails to evaluate: ${errorMessage(error)}`;
    throw new EvaluationError(message, { cause: error });
  }
}
