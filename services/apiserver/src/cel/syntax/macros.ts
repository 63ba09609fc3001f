import type { Expr } from "./ast.ts";

export interface MacroCall {
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
  readonly at: number;
}

type Fail = (at: number, message: string) => never;
type Expand = (macro: Required<MacroCall> & { readonly target: Expr }, fail: Fail) => Expr;

/** The variable that a macro's fold gathers its result in. */
export const accuVariable = "@result";

/** What a call stands for when it is one of a macro; undefined for other calls. */
export function expandMacro(macro: MacroCall, fail: Fail): Expr | undefined {
  const { name, target, args, at } = macro;
  if (target === undefined)
    return name === "has" && args.length === 1 ? presence(args[0] as Expr, at, fail) : undefined;
  const expand = memberMacros[`${name}/${args.length}`];
  return expand?.({ ...macro, target }, fail);
}

function presence(argument: Expr, at: number, fail: Fail): Expr {
  if (argument.kind !== "select" || argument.mode === "has")
    return fail(argument.at, "invalid argument to has() macro");
  return { ...argument, at, mode: "has" };
}

const literal = (at: number, value: boolean | bigint): Expr => ({
  kind: "literal",
  at,
  literal: typeof value === "boolean" ? { type: "bool", value } : { type: "int", value },
});
const call = (at: number, name: string, ...args: Expr[]): Expr => ({ kind: "call", at, name, target: undefined, args });
const method = (at: number, target: Expr, name: string): Expr => ({ kind: "call", at, name, target, args: [] });
const list = (at: number, ...items: Expr[]): Expr => ({
  kind: "list",
  at,
  items: items.map((value) => ({ value, isOptional: false })),
});
const accu = (at: number): Expr => ({ kind: "ident", at, name: accuVariable });

interface Loop {
  readonly init: Expr;
  readonly condition?: Expr;
  readonly step: Expr;
  readonly result?: Expr;
}

function fold(at: number, range: Expr, names: readonly string[], loop: Loop): Expr {
  const { init, condition = literal(at, true), step, result = accu(at) } = loop;
  return {
    kind: "fold",
    at,
    range,
    variable: names[0] ?? "",
    second: names[1],
    accu: accuVariable,
    init,
    condition,
    step,
    result,
  };
}

/** The loops of the macros that ask something of each element. */
const questions = {
  all: (at: number, test: Expr): Loop => ({
    init: literal(at, true),
    condition: call(at, "@not_strictly_false", accu(at)),
    step: call(at, "_&&_", accu(at), test),
  }),
  exists: (at: number, test: Expr): Loop => ({
    init: literal(at, false),
    condition: call(at, "@not_strictly_false", call(at, "!_", accu(at))),
    step: call(at, "_||_", accu(at), test),
  }),
  one: (at: number, test: Expr): Loop => ({
    init: literal(at, 0n),
    step: call(at, "_?_:_", test, call(at, "_+_", accu(at), literal(at, 1n)), accu(at)),
    result: call(at, "_==_", accu(at), literal(at, 1n)),
  }),
};

const question =
  (loop: (at: number, test: Expr) => Loop, names: number): Expand =>
  ({ target, args, at }, fail) =>
    fold(at, target, variables(args.slice(0, names), fail), loop(at, args[names] as Expr));

/** Gathers `element` of each round for which `test` holds. */
function gathering(at: number, element: Expr, test: Expr | undefined): Loop {
  const more = call(at, "_+_", accu(at), list(at, element));
  return { init: list(at), step: test ? call(at, "_?_:_", test, more, accu(at)) : more };
}

const mapping: Expand = ({ target, args, at }, fail) => {
  const test = args.length === 3 ? args[1] : undefined;
  return fold(at, target, variables(args.slice(0, 1), fail), gathering(at, args.at(-1) as Expr, test));
};

const filtering: Expand = ({ target, args: [variable, test], at }, fail) =>
  fold(at, target, variables([variable as Expr], fail), gathering(at, variable as Expr, test));

const transformingList: Expand = ({ target, args, at }, fail) => {
  const test = args.length === 4 ? args[2] : undefined;
  return fold(at, target, variables(args.slice(0, 2), fail), gathering(at, args.at(-1) as Expr, test));
};

/** `transformMap` keeps the keys; `transformMapEntry` makes an entry of its own from each. */
const transformingMap =
  (keepsKeys: boolean): Expand =>
  ({ target, args, at }, fail) => {
    const test = args.length === 4 ? args[2] : undefined;
    const value = args.at(-1) as Expr;
    const inserted = keepsKeys ? [args[0] as Expr, value] : [value];
    const more = call(at, "cel.@mapInsert", accu(at), ...inserted);
    const step = test ? call(at, "_?_:_", test, more, accu(at)) : more;
    return fold(at, target, variables(args.slice(0, 2), fail), { init: { kind: "map", at, entries: [] }, step });
  };

/** `result` with `name` for `value`: a loop of no rounds. */
function bound(at: number, name: string, value: Expr, result: Expr): Expr {
  return {
    kind: "fold",
    at,
    range: list(at),
    variable: "#unused",
    second: undefined,
    accu: name,
    init: value,
    condition: literal(at, false),
    step: { kind: "ident", at, name },
    result,
  };
}

const targetVariable = "@target";

/**
 * `value.optMap(x, e)`: `e` of the value if there is one. The target gets a name, for it is needed twice: a chain of these would otherwise double the
 * tree with every link.
 */
const optionalMapping =
  (isFlat: boolean): Expand =>
  ({ target, args: [variable, body], at }, fail) => {
    const [name = ""] = variables([variable as Expr], fail);
    const named: Expr = { kind: "ident", at, name: targetVariable };
    const mapped = bound(at, name, method(at, named, "value"), body as Expr);
    const found = isFlat ? mapped : call(at, "optional.of", mapped);
    const whole = call(at, "_?_:_", method(at, named, "hasValue"), found, call(at, "optional.none"));
    return bound(at, targetVariable, target, whole);
  };

function variables(args: readonly Expr[], fail: Fail): readonly string[] {
  const names = args.map((arg) => (arg.kind === "ident" ? arg.name : fail(arg.at, "argument must be a simple name")));
  if (names.length === 2 && names[0] === names[1]) fail(args[1]?.at ?? 0, "duplicate variable name");
  if (names.includes(accuVariable)) fail(args[0]?.at ?? 0, "iteration variable overwrites accumulator variable");
  return names;
}

const memberMacros: Readonly<Record<string, Expand>> = {
  "all/2": question(questions.all, 1),
  "exists/2": question(questions.exists, 1),
  "exists_one/2": question(questions.one, 1),
  "existsOne/2": question(questions.one, 1),
  "all/3": question(questions.all, 2),
  "exists/3": question(questions.exists, 2),
  "existsOne/3": question(questions.one, 2),
  "exists_one/3": question(questions.one, 2),
  "map/2": mapping,
  "map/3": mapping,
  "filter/2": filtering,
  "transformList/3": transformingList,
  "transformList/4": transformingList,
  "transformMap/3": transformingMap(true),
  "transformMap/4": transformingMap(true),
  "transformMapEntry/3": transformingMap(false),
  "transformMapEntry/4": transformingMap(false),
  "optMap/2": optionalMapping(false),
  "optFlatMap/2": optionalMapping(true),
};
