import { type Checked, type Expr, qualifiedName, type Type } from "../../../cel/index.ts";
import type { SchemaType } from "../schema-type.ts";
import { callCost } from "./call-costs.ts";
import { add, type Estimate, fixed, multiply, nothing, union, unknown } from "./estimate.ts";

/** A part of an expression, as the costs of calls are found by. */
export interface Operand {
  readonly type: Type;
  readonly size: Estimate;
  /** The size of what a list holds. */
  readonly itemSize: Estimate;
}

type Kind<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

const identCost = fixed(1);
const listCost = fixed(10);
const mapCost = fixed(30);
const structCost = fixed(40);

/**
 * What evaluating a checked expression can cost at most, in cel-go's units and by its rules, which decide what definitions upstream takes. `self` says
 * how large the values are that the expression's variables hold.
 */
export function estimateCost(checked: Checked, self: SchemaType): number {
  return new Coster(checked, self).cost(checked.expr).max;
}

/** Where a value comes from: a variable's name, then fields and `@items`, `@values` or `@keys`. */
type Path = readonly string[];

interface Local {
  readonly path: Path;
  readonly size: Estimate | undefined;
}

class Coster {
  readonly #checked: Checked;
  readonly #self: SchemaType;
  readonly #paths = new Map<Expr, Path>();
  readonly #sizes = new Map<Expr, Estimate>();
  readonly #itemSizes = new Map<Expr, Estimate>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, self: SchemaType) {
    this.#checked = checked;
    this.#self = self;
  }

  cost(expr: Expr): Estimate {
    switch (expr.kind) {
      case "literal":
        return nothing;
      case "ident":
        this.#paths.set(expr, this.#local(expr.name)?.path ?? [expr.name]);
        return identCost;
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return add(...expr.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]), mapCost);
      case "struct":
        return add(...expr.fields.map(({ value }) => this.cost(value)), structCost);
      case "fold":
        return isBinding(expr) ? this.#bind(expr) : this.#fold(expr);
    }
  }

  #select(expr: Kind<"select">): Estimate {
    const sum = this.cost(expr.operand);
    if (expr.mode === "has") return sum;
    if (expr.mode === "optional") return add(sum, identCost);
    this.#paths.set(expr, [...this.#pathOf(expr.operand), expr.field]);
    const kind = this.#typeOf(expr.operand)?.kind;
    return kind === "map" || kind === "object" || kind === "parameter" ? add(sum, identCost) : sum;
  }

  #call(expr: Kind<"call">): Estimate {
    const { isQualified } = this.#checked.facts.get(expr) ?? {};
    const target = isQualified ? undefined : expr.target;
    const name = isQualified && expr.target ? `${qualifiedName(expr.target)}.${expr.name}` : expr.name;
    const argCosts = expr.args.map((arg) => this.cost(arg));
    if (name === "dyn" && expr.args[0]) {
      this.#copySize(expr, expr.args[0]);
      return add(identCost, ...argCosts);
    }
    const targetCost = target ? this.cost(target) : nothing;
    const args = expr.args.map((arg) => this.#operand(arg));
    const found = callCost({ name, target: target && this.#operand(target), args, argCosts });
    this.#setSize(expr, found.size ?? this.#indexedSize(expr));
    return add(targetCost, found.cost);
  }

  /** The size of an entry that was reached by its index; remembers the way to it. */
  #indexedSize(expr: Kind<"call">): Estimate | undefined {
    const [container] = expr.args;
    if (expr.name !== "_[_]" || !container) return undefined;
    const isMap = this.#typeOf(container)?.kind === "map";
    this.#paths.set(expr, [...this.#pathOf(container), isMap ? "@values" : "@items"]);
    return this.#itemSizes.get(container) ?? this.#sizeOf(expr);
  }

  #list(expr: Kind<"list">): Estimate {
    const sum = add(...expr.items.map(({ value }) => this.cost(value)), listCost);
    const sizes = expr.items.map(({ value }) => this.#sizeOf(value) ?? unknown);
    this.#itemSizes.set(expr, sizes.length === 0 ? nothing : sizes.reduce(union));
    return sum;
  }

  #bind(expr: Kind<"fold">): Estimate {
    const before = add(this.cost(expr.range), this.cost(expr.init));
    const local = { path: this.#pathOf(expr.init), size: this.#sizeOf(expr.init) };
    const after = this.#within(new Map([[expr.accu, local]]), () => this.cost(expr.result));
    this.#copySize(expr, expr.result);
    return add(before, after);
  }

  #fold(expr: Kind<"fold">): Estimate {
    const { range, init } = expr;
    const before = add(this.cost(range), this.cost(init));
    const accumulated: Local = { path: this.#pathOf(init), size: this.#sizeOf(init) };
    const count = this.#sizeOf(range) ?? unknown;
    const [round, after] = this.#within(new Map([[expr.accu, accumulated]]), () => {
      const round = this.#within(this.#iterated(expr), () => add(this.cost(expr.condition), this.cost(expr.step)));
      return [round, this.cost(expr.result)] as const;
    });
    this.#setSize(expr, init.kind === "list" || init.kind === "map" ? count : this.#sizeOf(init));
    return add(before, after, multiply(count, round));
  }

  #iterated({ variable, second, range }: Kind<"fold">): Map<string, Local> {
    const path = this.#pathOf(range);
    const isMap = this.#typeOf(range)?.kind === "map";
    const key: Local = { path: [...path, isMap ? "@keys" : "@indices"], size: undefined };
    const value: Local = { path: [...path, isMap ? "@values" : "@items"], size: this.#itemSizes.get(range) };
    const entries: [string, Local][] = second
      ? [
          [variable, key],
          [second, value],
        ]
      : [[variable, isMap ? key : value]];
    return new Map(entries);
  }

  #within<T>(locals: ReadonlyMap<string, Local>, act: () => T): T {
    for (const [name, local] of locals) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
    try {
      return act();
    } finally {
      for (const name of locals.keys()) this.#locals.get(name)?.pop();
    }
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #typeOf(expr: Expr): Type | undefined {
    return this.#checked.facts.get(expr)?.type;
  }

  #pathOf(expr: Expr): Path {
    const local = expr.kind === "ident" ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr) ?? [];
  }

  #operand(expr: Expr): Operand {
    const path = this.#pathOf(expr);
    const itemSize = this.#itemSizes.get(expr) ?? (path.length > 0 ? this.#sizeAt([...path, "@items"]) : undefined);
    return {
      type: this.#typeOf(expr) ?? { kind: "dyn" },
      size: this.#sizeOf(expr) ?? unknown,
      itemSize: itemSize ?? unknown,
    };
  }

  #setSize(expr: Expr, size: Estimate | undefined): void {
    if (size) this.#sizes.set(expr, size);
  }

  #copySize(expr: Expr, from: Expr): void {
    this.#setSize(expr, this.#sizeOf(from));
    const items = this.#itemSizes.get(from);
    if (items) this.#itemSizes.set(expr, items);
  }

  #sizeOf(expr: Expr): Estimate | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr) ?? this.#sizeAt(this.#pathOf(expr));
    if (known) return known;
    if (fixedSize.has(this.#typeOf(expr)?.kind ?? "dyn")) return fixed(1);
    return expr.kind === "ident" ? this.#local(expr.name)?.size : undefined;
  }

  /** What the schema says of the value at a path; nothing for values that no variable leads to. */
  #sizeAt(path: Path): Estimate | undefined {
    if (path.length === 0) return undefined;
    let at: SchemaType | undefined = this.#self;
    for (const step of path.slice(1)) {
      // As upstream, whose schemas bound no keys either.
      if (step === "@keys") return nothing;
      at = step === "@items" || step === "@values" ? at?.elem : at?.fields?.get(step);
    }
    return at && { min: 0, max: at.maxElements };
  }
}

/** `cel.bind` and its like are loops of no rounds, whose result sees a variable. */
function isBinding({ range, condition, accu }: Kind<"fold">): boolean {
  const isEmpty = range.kind === "list" && range.items.length === 0;
  const isNever = condition.kind === "literal" && condition.literal.type === "bool" && !condition.literal.value;
  return isEmpty && isNever && accu !== "@result";
}

const fixedSize: ReadonlySet<Type["kind"]> = new Set(["bool", "int", "uint", "double", "timestamp", "duration"]);

function literalSize(expr: Expr): Estimate | undefined {
  switch (expr.kind) {
    case "literal": {
      const { literal } = expr;
      if (literal.type === "string") return fixed([...literal.value].length);
      return fixed(literal.type === "bytes" ? literal.value.length : 1);
    }
    case "list":
      return fixed(expr.items.length);
    case "map":
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}
