import { add, type Estimate, fixed, multiply, nothing, scaled, union } from "./estimate.ts";
import type { Operand } from "./estimate-cost.ts";

export interface Call {
  readonly name: string;
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
  readonly argCosts: readonly Estimate[];
}

export interface CallCost {
  readonly cost: Estimate;
  /** The size of what the call gives, where that is known. */
  readonly size?: Estimate;
}

/** What a character of a text costs to look at. */
const perCharacter = 0.1;
/** What a character of a pattern multiplies the cost of a text by. */
const perPatternCharacter = 0.25;
const one = fixed(1);

type Rule = (call: Call) => CallCost | undefined;

/** What a call costs together with its arguments; a member's target is counted by the caller. */
export function callCost(call: Call): CallCost {
  const special = branching[call.name]?.(call);
  if (special) return special;
  const found = rules[call.name]?.(call) ?? { cost: one };
  return { ...found, cost: add(found.cost, ...call.argCosts) };
}

/** Calls that do not evaluate all of their arguments. */
const branching: Readonly<Record<string, Rule>> = {
  "_&&_": shortCircuit,
  "_||_": shortCircuit,
  "_?_:_": ({ args, argCosts }) => {
    const [condition = nothing, yes = nothing, no = nothing] = argCosts;
    return {
      cost: add(condition, union(yes, no)),
      size: union(args[1]?.size ?? nothing, args[2]?.size ?? nothing),
    };
  },
};

function shortCircuit({ argCosts: [left = nothing, right = nothing] }: Call): CallCost {
  return { cost: { min: left.min, max: add(left, right).max } };
}

const traversal = ({ size }: Operand, factor = 1) => scaled(size, perCharacter * factor);

/** Functions that go through all items of a list once, or through a text. */
const throughTarget: Rule = ({ target }) => {
  if (!target) return undefined;
  if (target.type.kind !== "list") return { cost: traversal(target) };
  const isText = target.type.item.kind === "string" || target.type.item.kind === "bytes";
  const item = isText ? add(one, scaled(target.itemSize, perCharacter)) : one;
  return { cost: multiply(target.size, item) };
};

const sameSize: Rule = ({ target }) => target && { cost: traversal(target), size: target.size };

const compare: Rule = ({ args: [left, right] }) => {
  if (!left || !right) return undefined;
  const max = Math.min(left.size.max, right.size.max);
  return { cost: scaled({ min: max > 0 ? 1 : 0, max }, perCharacter) };
};

/** Of the comparisons by order, those of texts alone depend on sizes. */
const compareTexts: Rule = (call) => {
  const kind = call.args[0]?.type.kind;
  return kind === "string" || kind === "bytes" ? compare(call) : undefined;
};

const matches: Rule = ({ target, args }) => {
  const [text, pattern] = target ? [target, args[0]] : args;
  if (!text || !pattern) return undefined;
  // One more than the text has: an empty one is matched too.
  const cost = multiply(scaled(add(text.size, one), perCharacter), scaled(pattern.size, perPatternCharacter));
  return { cost, size: { min: 0, max: text.size.max } };
};

const setProduct =
  (factor: number): Rule =>
  ({ args: [left, right] }) =>
    left && right && { cost: add(one, scaled(multiply(left.size, right.size), factor)) };

const argumentTraversal: Rule = ({ args: [text] }) => text && { cost: traversal(text) };

/** Values whose text is never longer than this, whatever they are. */
const shortAsText: ReadonlySet<string> = new Set(["bool", "int", "uint", "double", "timestamp", "duration"]);
const maxScalarText = 64;

const rules: Readonly<Record<string, Rule>> = {
  "_==_": compare,
  "_!=_": compare,
  "_<_": compareTexts,
  "_<=_": compareTexts,
  "_>_": compareTexts,
  "_>=_": compareTexts,
  "_+_": ({ args: [left, right] }) => {
    if (!left || !right) return undefined;
    const size = add(left.size, right.size);
    if (left.type.kind === "list") return { cost: one, size };
    return left.type.kind === "string" || left.type.kind === "bytes"
      ? { cost: scaled(size, perCharacter), size }
      : undefined;
  },
  "@in": ({ args: [, container] }) =>
    container?.type.kind === "map" ? undefined : container && { cost: container.size },
  matches: (call) => {
    const found = matches(call);
    return found && { cost: found.cost };
  },
  find: matches,
  findAll: matches,
  contains: ({ target, args: [part] }) => target && part && { cost: multiply(traversal(target), traversal(part)) },
  startsWith: ({ target, args }) => (target ? argumentTraversal({ name: "", target, args, argCosts: [] }) : undefined),
  endsWith: ({ target, args }) => (target ? argumentTraversal({ name: "", target, args, argCosts: [] }) : undefined),
  format: ({ target }) => target && { cost: traversal(target) },
  bytes: ({ args: [text] }) =>
    text?.type.kind === "string"
      ? { cost: traversal(text), size: { min: text.size.min, max: Math.min(text.size.max * 4, 2 ** 64) } }
      : undefined,
  string: ({ args: [value] }) => {
    if (!value) return undefined;
    if (shortAsText.has(value.type.kind)) return { cost: one, size: { min: 1, max: maxScalarText } };
    if (value.type.kind === "string") return { cost: one, size: value.size };
    return value.type.kind === "bytes"
      ? { cost: traversal(value), size: { min: Math.floor(value.size.min / 4), max: value.size.max } }
      : undefined;
  },
  isSorted: throughTarget,
  sum: throughTarget,
  max: throughTarget,
  min: throughTarget,
  indexOf: throughTarget,
  lastIndexOf: throughTarget,
  url: argumentTraversal,
  lowerAscii: sameSize,
  upperAscii: sameSize,
  substring: sameSize,
  trim: sameSize,
  replace: ({ target, args: [from, to] }) =>
    target && from && to && { cost: traversal(target, 2), size: replacedSize(target.size, from.size, to.size) },
  split: ({ target }) => target && { cost: traversal(target, 2), size: { min: 0, max: target.size.max } },
  join: ({ target, args: [separator] }) => {
    if (!target) return undefined;
    const { min, max } = target.size;
    const gaps = { min: Math.max(min - 1, 0), max: Math.max(max - 1, 0) };
    const texts = multiply(target.size, target.itemSize);
    const size = separator ? add(texts, multiply(separator.size, gaps)) : texts;
    return { cost: scaled(size, perCharacter), size };
  },
  // Addresses are compared by their bytes, of which there are 4 or 16; texts are read first.
  containsIP: ({ args: [other] }) => other && { cost: add(twiceAddress, readIfText(other)) },
  containsCIDR: ({ args: [other] }) => other && { cost: add(twiceAddress, addressCost, one, readIfText(other)) },
  "sets.contains": setProduct(1),
  "sets.intersects": setProduct(1),
  "sets.equivalent": setProduct(2),
};

const addressCost = scaled({ min: 4, max: 16 }, perCharacter);
const twiceAddress = scaled({ min: 8, max: 32 }, perCharacter);

function readIfText(operand: Operand): Estimate {
  return operand.type.kind === "string" ? traversal(operand) : nothing;
}

/** The longest text comes from replacing the shortest parts by the longest; an empty part stands around every character. */
function replacedSize(text: Estimate, from: Estimate, to: Estimate): Estimate {
  return {
    min: from.max === 0 ? (text.min + 1) * to.min + text.min : shortest(text, from, to),
    max: from.min === 0 ? Math.min((text.max + 1) * to.max + text.max, 2 ** 64) : longest(text, from, to),
  };
}

function longest(text: Estimate, from: Estimate, to: Estimate): number {
  return to.max <= from.min ? text.max : Math.ceil(text.max / from.min) * to.max;
}

function shortest(text: Estimate, from: Estimate, to: Estimate): number {
  return from.max <= to.min ? text.min : Math.ceil(text.min / from.max) * to.min;
}
