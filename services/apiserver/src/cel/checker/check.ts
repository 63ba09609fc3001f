import type { Environment } from "../environment.ts";
import type { Overload } from "../functions.ts";
import { type Expr, type Fold, qualifiedName } from "../syntax/ast.ts";
import { InvalidExpression, type Issue } from "../syntax/issues.ts";
import * as t from "../types.ts";
import { checkLiteralArguments } from "./check-literals.ts";
import type { Checked, Fact } from "./facts.ts";
import { namedTypes } from "./named-types.ts";
import { Substitution } from "./substitution.ts";

type Kind<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** Finds the types of an expression and of all its parts; throws `InvalidExpression` with everything that is wrong. */
export function check(source: string, expr: Expr, environment: Environment): Checked {
  const checker = new Checker(environment);
  const type = checker.typeOf(expr);
  const issues = [...checker.issues, ...checkLiteralArguments(expr)];
  if (issues.length > 0) throw new InvalidExpression(source, issues);
  return { expr, type: checker.settle(type), facts: checker.facts() };
}

class Checker {
  readonly issues: Issue[] = [];
  readonly #environment: Environment;
  readonly #substitution = new Substitution();
  readonly #facts = new Map<Expr, Fact>();
  /** Variables of the folds around, the innermost last. */
  readonly #scopes: ReadonlyMap<string, t.Type>[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  settle(type: t.Type): t.Type {
    return this.#substitution.settle(type);
  }

  facts(): ReadonlyMap<Expr, Fact> {
    for (const [expr, fact] of this.#facts) this.#facts.set(expr, { ...fact, type: this.settle(fact.type) });
    return this.#facts;
  }

  typeOf(expr: Expr): t.Type {
    const fact = this.#factOf(expr);
    this.#facts.set(expr, fact);
    return fact.type;
  }

  #factOf(expr: Expr): Fact {
    switch (expr.kind) {
      case "literal":
        return { type: literalTypes[expr.literal.type] };
      case "ident":
        return this.#name(expr, expr.name) ?? this.#wrong(expr, undeclared(expr.name));
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return { type: t.listOf(this.#common(expr.items)) };
      case "map": {
        const keys = expr.entries.map(({ key }) => ({ value: key, isOptional: false }));
        return { type: t.mapOf(this.#common(keys), this.#common(expr.entries)) };
      }
      case "struct":
        return this.#struct(expr);
      case "fold":
        return { type: this.#fold(expr) };
    }
  }

  #wrong({ at }: Expr, message: string): Fact {
    this.issues.push({ at, message });
    return { type: t.DYN };
  }

  #name(expr: Expr, name: string): Fact | undefined {
    const first = name.split(".")[0] as string;
    if (expr.kind === "ident") {
      for (const scope of this.#scopes.toReversed()) {
        const type = scope.get(name);
        if (type) return { type };
      }
    } else if (this.#scopes.some((scope) => scope.has(first))) return undefined;
    const { variables } = this.#environment;
    if (Object.hasOwn(variables, name)) return { type: variables[name] as t.Type, variable: name };
    const namedType = Object.hasOwn(namedTypes, name) ? namedTypes[name] : undefined;
    return namedType && { type: t.typeOf(namedType), namedType };
  }

  #select(expr: Kind<"select">): Fact {
    const name = qualifiedName(expr);
    const whole = name === undefined ? undefined : this.#name(expr, name);
    if (whole) return whole;
    const operand = this.#substitution.resolve(this.typeOf(expr.operand));
    const isOptional = operand.kind === "opaque" && operand.name === "optional_type";
    const field = this.#field(expr, isOptional ? this.#substitution.resolve(operand.parameters[0] ?? t.DYN) : operand);
    if (expr.mode === "has") return { type: t.BOOL };
    return { type: isOptional || expr.mode === "optional" ? t.optionalOf(field) : field };
  }

  #field(expr: Kind<"select">, operand: t.Type): t.Type {
    switch (operand.kind) {
      case "dyn":
      case "parameter":
        return t.DYN;
      case "map":
        return operand.value;
      case "object": {
        const field = operand.fields().get(expr.field);
        return field ? field.type : this.#wrong(expr, `undefined field '${expr.field}'`).type;
      }
      default:
        return this.#wrong(expr, `type '${t.typeName(operand)}' does not support field selection`).type;
    }
  }

  #call(expr: Kind<"call">): Fact {
    const { target, args } = expr;
    const { functions } = this.#environment;
    const prefix = target && qualifiedName(target);
    const qualified = prefix === undefined ? undefined : functions.get(`${prefix}.${expr.name}`);
    if (qualified && prefix !== undefined && !this.#isLocal(prefix)) {
      return { ...this.#resolve(expr, `${prefix}.${expr.name}`, qualified, args, false), isQualified: true };
    }
    const overloads = functions.get(expr.name);
    if (!overloads) {
      if (target) this.typeOf(target);
      for (const arg of args) this.typeOf(arg);
      return this.#wrong(expr, undeclared(expr.name));
    }
    return this.#resolve(expr, expr.name, overloads, target ? [target, ...args] : args, target !== undefined);
  }

  #isLocal(name: string): boolean {
    const first = name.split(".")[0] as string;
    return this.#scopes.some((scope) => scope.has(first));
  }

  #resolve(expr: Expr, name: string, overloads: readonly Overload[], args: readonly Expr[], isMember: boolean): Fact {
    const types = args.map((arg) => this.typeOf(arg));
    const fitting: Overload[] = [];
    let result: t.Type | undefined;
    for (const overload of overloads) {
      if (overload.isMember !== isMember || overload.parameters.length !== types.length) continue;
      const [own, ...parameters] = this.#substitution.instantiate([overload.result, ...overload.parameters]);
      if (!this.#substitution.accepts(parameters, types)) continue;
      fitting.push(overload);
      const found = this.#substitution.resolve(own as t.Type);
      result = result === undefined || t.typeName(result) === t.typeName(found) ? found : t.DYN;
    }
    if (result) return { type: result, overloads: fitting };
    const names = types.map((type) => t.typeName(this.settle(type)));
    const shown = isMember ? `${names[0]}.(${names.slice(1).join(", ")})` : `(${names.join(", ")})`;
    return this.#wrong(expr, `found no matching overload for '${name}' applied to '${shown}'`);
  }

  /** The one type that all elements of a literal have; optional elements are their values. */
  #common(items: readonly { readonly value: Expr; readonly isOptional: boolean }[]): t.Type {
    let common: t.Type | undefined;
    for (const { value, isOptional } of items) {
      const type = isOptional ? this.#unwrapped(value) : this.typeOf(value);
      if (!common) common = type;
      else if (!this.#substitution.accepts([common], [type])) {
        const [wanted, found] = [common, type].map((one) => t.typeName(this.settle(one)));
        this.#wrong(value, `expected type '${wanted}' but found '${found}'`);
      }
    }
    return common ?? this.#substitution.fresh();
  }

  #unwrapped(value: Expr): t.Type {
    const type = this.typeOf(value);
    const inner = this.#substitution.fresh();
    if (this.#substitution.accepts([t.optionalOf(inner)], [type])) return inner;
    const found = t.typeName(this.settle(type));
    return this.#wrong(value, `expected type 'optional_type' but found '${found}'`).type;
  }

  #struct(expr: Kind<"struct">): Fact {
    const struct = this.#environment.structs?.(expr.name);
    for (const field of expr.fields) {
      const type = field.isOptional ? this.#unwrapped(field.value) : this.typeOf(field.value);
      if (!struct) continue;
      const wanted = struct.field(field.name);
      if (!wanted) this.issues.push({ at: field.at, message: `undefined field '${field.name}'` });
      else if (!this.#substitution.accepts([wanted], [type])) {
        const found = t.typeName(this.settle(type));
        const message = `expected type of field '${field.name}' is '${t.typeName(wanted)}' but provided type is '${found}'`;
        this.issues.push({ at: field.at, message });
      }
    }
    return struct ? { type: struct.type, struct } : this.#wrong(expr, undeclared(expr.name));
  }

  #fold(fold: Fold): t.Type {
    const range = this.#substitution.resolve(this.typeOf(fold.range));
    const [first, second] = this.#elements(fold, range);
    const accu = this.typeOf(fold.init);
    const variables = new Map([[fold.variable, first]]);
    if (fold.second !== undefined) variables.set(fold.second, second);
    this.#scopes.push(new Map([[fold.accu, accu]]), variables);
    this.#expect(fold.condition, t.BOOL);
    this.#expect(fold.step, accu);
    this.#scopes.pop();
    const result = this.typeOf(fold.result);
    this.#scopes.pop();
    return result;
  }

  #elements({ range: expr, second }: Fold, range: t.Type): readonly [t.Type, t.Type] {
    const isPair = second !== undefined;
    switch (range.kind) {
      case "list":
        return isPair ? [t.INT, range.item] : [range.item, t.DYN];
      case "map":
        return [range.key, range.value];
      case "object":
        return [t.STRING, t.DYN];
      case "dyn":
      case "parameter":
        return [t.DYN, t.DYN];
      default: {
        const message = `expression of type '${t.typeName(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
        this.#wrong(expr, message);
        return [t.DYN, t.DYN];
      }
    }
  }

  #expect(expr: Expr, wanted: t.Type): void {
    const type = this.typeOf(expr);
    if (this.#substitution.accepts([wanted], [type])) return;
    const [shown, found] = [wanted, type].map((one) => t.typeName(this.settle(one)));
    this.#wrong(expr, `expected type '${shown}' but found '${found}'`);
  }
}

function undeclared(name: string): string {
  return `undeclared reference to '${name}' (in container '')`;
}

const literalTypes: Readonly<Record<Kind<"literal">["literal"]["type"], t.Type>> = {
  null: t.NULL,
  bool: t.BOOL,
  int: t.INT,
  uint: t.UINT,
  double: t.DOUBLE,
  string: t.STRING,
  bytes: t.BYTES,
};
