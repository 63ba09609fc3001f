import type { Checked, Fact } from "../checker/facts.ts";
import type { Overload } from "../functions.ts";
import type { Expr, Literal } from "../syntax/ast.ts";
import type { Type } from "../types.ts";
import {
  ArrayList,
  EntryMap,
  EvaluationError,
  isOfType,
  ListValue,
  listIndex,
  MapValue,
  mapKey,
  noOverload,
  Optional,
  TypeValue,
  Uint,
  type Value,
} from "../values/index.ts";
import { type CostMeter, costs } from "./cost.ts";
import { planFold } from "./fold.ts";

/** The state of one evaluation. */
export interface Frame {
  variable(name: string): Value | undefined;
  /** The variables of the folds under way, by the slots that planning gave them. A failure stands for a result that failed. */
  readonly locals: (Value | EvaluationError)[];
  readonly meter: CostMeter;
}

export type Step = (frame: Frame) => Value;

/** The slots of the variables in scope. */
export type Scope = ReadonlyMap<string, number>;

type Kind<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** Turns a checked expression into one function. */
export function planExpression({ expr, facts }: Checked): Step {
  return new Planner(facts).plan(expr, new Map());
}

export class Planner {
  readonly #facts: ReadonlyMap<Expr, Fact>;

  constructor(facts: ReadonlyMap<Expr, Fact>) {
    this.#facts = facts;
  }

  plan(expr: Expr, scope: Scope): Step {
    switch (expr.kind) {
      case "literal": {
        const value = literalValue(expr.literal);
        return () => value;
      }
      case "ident":
        return this.#ident(expr, scope);
      case "select":
        return this.#select(expr, scope);
      case "call":
        return this.#call(expr, scope);
      case "list":
        return this.#list(expr, scope);
      case "map":
        return this.#map(expr, scope);
      case "struct":
        return this.#struct(expr, scope);
      case "fold":
        return planFold(expr, scope, this);
    }
  }

  #fact(expr: Expr): Fact {
    const fact = this.#facts.get(expr);
    if (!fact) throw new Error(`no facts about a part of an expression at ${expr.at}`);
    return fact;
  }

  #ident(expr: Kind<"ident">, scope: Scope): Step {
    const slot = scope.get(expr.name);
    if (slot === undefined) return this.#named(this.#fact(expr), expr.name);
    return ({ meter, locals }) => {
      meter.spend(costs.name);
      const value = locals[slot] as Value | EvaluationError;
      if (value instanceof EvaluationError) throw value;
      return value;
    };
  }

  #named({ variable, namedType }: Fact, name: string): Step {
    if (namedType) {
      const value = new TypeValue(namedType);
      return () => value;
    }
    return ({ meter, variable: read }) => {
      meter.spend(costs.name);
      const value = read(variable ?? name);
      if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`);
      return value;
    };
  }

  #select(expr: Kind<"select">, scope: Scope): Step {
    const fact = this.#fact(expr);
    const { field, mode } = expr;
    if (fact.variable !== undefined || fact.namedType) return this.#named(fact, fact.variable ?? field);
    const operand = this.plan(expr.operand, scope);
    if (mode === "has") return (frame) => hasField(operand(frame), field);
    return (frame) => {
      const owner = operand(frame);
      frame.meter.spend(costs.name);
      return mode === "optional" || owner instanceof Optional ? optionalField(owner, field) : fieldOf(owner, field);
    };
  }

  #call(expr: Kind<"call">, scope: Scope): Step {
    const { overloads = [], isQualified } = this.#fact(expr);
    const parts = expr.target && !isQualified ? [expr.target, ...expr.args] : expr.args;
    const args = parts.map((part) => this.plan(part, scope));
    const special = operators[expr.name];
    return special ? special(args as [Step, Step, Step]) : planCall(overloads, args);
  }

  #list({ items }: Kind<"list">, scope: Scope): Step {
    const steps = items.map(({ value, isOptional }) => ({ step: this.plan(value, scope), isOptional }));
    return (frame) => {
      const values: Value[] = [];
      for (const { step, isOptional } of steps) {
        const value = isOptional ? unwrap(step(frame)) : step(frame);
        if (value !== undefined) values.push(value);
      }
      frame.meter.spend(costs.list);
      return new ArrayList(values);
    };
  }

  #map({ entries }: Kind<"map">, scope: Scope): Step {
    const steps = entries.map(({ key, value, isOptional }) => ({
      key: this.plan(key, scope),
      value: this.plan(value, scope),
      isOptional,
    }));
    return (frame) => {
      const values = new Map<string | bigint | boolean, Value>();
      for (const { key, value, isOptional } of steps) {
        const name = mapKey(key(frame));
        const held = isOptional ? unwrap(value(frame)) : value(frame);
        if (values.has(name)) throw new EvaluationError(`insert failed: key ${String(name)} already exists`);
        if (held !== undefined) values.set(name, held);
      }
      frame.meter.spend(costs.map);
      return new EntryMap(values);
    };
  }

  #struct(expr: Kind<"struct">, scope: Scope): Step {
    const { struct } = this.#fact(expr);
    const steps = expr.fields.map(({ name, value, isOptional }) => ({
      name,
      value: this.plan(value, scope),
      isOptional,
    }));
    return (frame) => {
      const fields = new Map<string, Value>();
      for (const { name, value, isOptional } of steps) {
        const held = isOptional ? unwrap(value(frame)) : value(frame);
        if (held !== undefined) fields.set(name, held);
      }
      frame.meter.spend(costs.struct);
      if (!struct) throw noOverload();
      return struct.make(fields);
    };
  }
}

function planCall(overloads: readonly Overload[], args: readonly Step[]): Step {
  // An expression mostly sees values of the same types again.
  let last = overloads[0];
  return (frame) => {
    const values = args.map((arg) => arg(frame));
    const overload = last && fits(last, values) ? last : overloads.find((one) => fits(one, values));
    if (!overload) throw noOverload();
    last = overload;
    const result = overload.call(values);
    frame.meter.spend(overload.cost ? overload.cost(values, result) : 1);
    return result;
  };
}

function fits({ parameters }: Overload, values: readonly Value[]): boolean {
  for (let at = 0; at < parameters.length; at++) {
    if (!isOfType(values[at] as Value, parameters[at] as Type)) return false;
  }
  return true;
}

/** What does not evaluate all its operands, or looks into values of any type. */
const operators: Readonly<Record<string, (args: [Step, Step, Step]) => Step>> = {
  "_&&_": ([left, right]) => logical(left, right, false),
  "_||_": ([left, right]) => logical(left, right, true),
  "_?_:_":
    ([condition, yes, no]) =>
    (frame) => {
      const holds = condition(frame);
      if (typeof holds !== "boolean") throw noOverload();
      return holds ? yes(frame) : no(frame);
    },
  "@not_strictly_false":
    ([operand]) =>
    (frame) => {
      frame.meter.spend(1);
      return attempt(operand, frame) !== false;
    },
  "_[_]":
    ([owner, index]) =>
    (frame) => {
      const [container, key] = [owner(frame), index(frame)];
      frame.meter.spend(costs.name);
      return container instanceof Optional ? optionalElement(container, key) : elementOf(container, key);
    },
  "_[?_]":
    ([owner, index]) =>
    (frame) => {
      const [container, key] = [owner(frame), index(frame)];
      frame.meter.spend(costs.name);
      return optionalElement(container, key);
    },
};

/** `&&` and `||`: one side that decides is enough, whatever the other fails with. */
function logical(left: Step, right: Step, decisive: boolean): Step {
  return (frame) => {
    const first = attempt(left, frame);
    if (first === decisive) return decisive;
    const second = attempt(right, frame);
    if (second === decisive) return decisive;
    for (const value of [first, second]) {
      if (value instanceof EvaluationError) throw value;
      if (typeof value !== "boolean") throw noOverload();
    }
    return !decisive;
  };
}

function attempt(step: Step, frame: Frame): Value | EvaluationError {
  try {
    return step(frame);
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
}

function fieldOf(owner: Value, field: string): Value {
  if (!(owner instanceof MapValue)) throw noOverload();
  const value = owner.get(field);
  if (value === undefined) throw new EvaluationError(`no such key: ${field}`);
  return value;
}

function hasField(owner: Value, field: string): boolean {
  if (owner instanceof Optional) return owner.value !== undefined && hasField(owner.value, field);
  if (!(owner instanceof MapValue)) throw noOverload();
  return owner.get(field) !== undefined;
}

function optionalField(owner: Value, field: string): Value {
  if (owner instanceof Optional) return owner.value === undefined ? owner : optionalField(owner.value, field);
  if (!(owner instanceof MapValue)) throw noOverload();
  return optional(owner.get(field));
}

function elementOf(container: Value, key: Value): Value {
  const value = lookup(container, key);
  if (value !== undefined) return value;
  if (container instanceof ListValue) throw new EvaluationError(`index out of bounds: ${String(key)}`);
  throw new EvaluationError(`no such key: ${String(key)}`);
}

function optionalElement(container: Value, key: Value): Value {
  if (container instanceof Optional)
    return container.value === undefined ? container : optionalElement(container.value, key);
  return optional(lookup(container, key));
}

function lookup(container: Value, key: Value): Value | undefined {
  if (container instanceof MapValue) return container.get(key);
  if (!(container instanceof ListValue)) throw noOverload();
  const index = listIndex(container, key);
  return index === undefined ? undefined : container.at(index);
}

function optional(value: Value | undefined): Optional {
  return value === undefined ? Optional.none : new Optional(value);
}

function unwrap(value: Value): Value | undefined {
  if (!(value instanceof Optional)) throw noOverload();
  return value.value;
}

function literalValue(literal: Literal): Value {
  if (literal.type === "null") return null;
  return literal.type === "uint" ? new Uint(literal.value) : literal.value;
}
