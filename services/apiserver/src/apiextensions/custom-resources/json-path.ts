import { isMap } from "../schema/structure.ts";

type Step = (values: readonly unknown[]) => unknown[];

/** Paths may multiply what they find, as `[0,0][0,0]` does. */
const maxValues = 10_000;

/** A path of the kind that printer columns, scale and selectable fields are written in; finds any number of values. */
export type JsonPath = (value: unknown) => readonly unknown[];

/** Reads `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.spec.list[-1:]`, `.spec..name`, `.metadata.labels['a\.b']`. Throws on other syntax. */
export function parseJsonPath(text: string): JsonPath {
  if (text.split("..").length > 2) throw unrecognized(text);
  const steps: Step[] = [];
  for (let rest = text.replace(/^\$/, ""); rest !== ""; ) {
    const { step, length } = readStep(rest, text);
    steps.push(step);
    rest = rest.slice(length);
  }
  return (value) =>
    steps.reduce<readonly unknown[]>((values, step) => (values.length > maxValues ? [] : step(values)), [value]);
}

/** The names of a path that goes through fields alone (`.spec.replicas`); undefined for any other. */
export function fieldNames(path: string): string[] | undefined {
  return /^(\.[A-Za-z_][\w-]*)+$/.test(path) ? path.slice(1).split(".") : undefined;
}

function readStep(rest: string, whole: string): { step: Step; length: number } {
  const deep = /^(?:\.\.(?=[[*])|\.(?=\.[^.]))/.exec(rest);
  if (deep) return { step: (values) => values.flatMap(containersOf), length: deep[0].length };
  const name = /^\.((?:\\.|[^.[\]\\*])+)/.exec(rest);
  if (name) return { step: child((name[1] ?? "").replace(/\\(.)/g, "$1")), length: name[0].length };
  const all = /^(?:\.?\*|\[\*\])/.exec(rest);
  if (all) return { step: (values) => values.flatMap(membersOf), length: all[0].length };
  const filter =
    /^\[\?\(\s*@((?:[^=!<>()"']|\[['"][^'"]*['"]\])*?)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?[\d.]+|true|false)\s*)?\)\]/.exec(
      rest,
    );
  if (filter) return { step: filtered(filter[1] ?? "", filter[2], filter[3]), length: filter[0].length };
  const brackets = /^\[((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[-\d:,\s])+)\]/.exec(rest);
  if (brackets) {
    const parts = (brackets[1] ?? "").match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,\s]+/g) ?? [];
    const steps = parts.map((part) => picked(part, whole));
    if (steps.length > 0)
      return { step: (values) => steps.flatMap((step) => step(values)), length: brackets[0].length };
  }
  if (rest === ".") return { step: (values) => [...values], length: 1 };
  throw unrecognized(whole);
}

const unrecognized = (path: string) => new Error(`unrecognized JSONPath ${JSON.stringify(path)}`);

/** One of the things that stand between brackets: `'name'`, `3`, `1:5:2`. As upstream, a dot in a name leads on unless it is escaped. */
function picked(part: string, whole: string): Step {
  if (/^['"]/.test(part)) {
    const find = parseJsonPath(`.${part.slice(1, -1)}`);
    return (values) => values.flatMap(find);
  }
  const index = /^-?\d+$/.exec(part);
  if (index) return itemAt(Number(part));
  const slice = /^(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?$/.exec(part);
  const [first, end, step] = slice?.slice(1).map((text) => (text === undefined ? undefined : Number(text))) ?? [];
  if (!slice || (step !== undefined && step <= 0)) throw unrecognized(whole);
  return (values) =>
    values.flatMap((value) =>
      Array.isArray(value) ? value.slice(first, end).filter((_, at) => at % (step ?? 1) === 0) : [],
    );
}

/** The value and everything inside it that has something inside, from the outside in. */
function containersOf(value: unknown): unknown[] {
  const members = membersOf(value);
  return members.length === 0 ? [] : [value, ...members.flatMap(containersOf)];
}

function child(name: string): Step {
  return (values) => values.flatMap((value) => (isMap(value) && Object.hasOwn(value, name) ? [value[name]] : []));
}

function itemAt(index: number): Step {
  return (values) =>
    values.flatMap((value) => (Array.isArray(value) && value.at(index) !== undefined ? [value.at(index)] : []));
}

function membersOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isMap(value) ? Object.values(value) : [];
}

function filtered(path: string, operator: string | undefined, literal: string | undefined): Step {
  const find = parseJsonPath(path);
  const wanted = literal === undefined ? undefined : literalOf(literal);
  const fits = (item: unknown) => {
    const [found] = find(item);
    return operator === undefined ? found !== undefined : found !== undefined && compares(found, operator, wanted);
  };
  return (values) => values.flatMap((value) => membersOf(value).filter(fits));
}

function literalOf(text: string): unknown {
  return text.startsWith("'") || text.startsWith('"') ? text.slice(1, -1) : JSON.parse(text);
}

function compares(found: unknown, operator: string, wanted: unknown): boolean {
  const [a, b] = [found as number, wanted as number];
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}
