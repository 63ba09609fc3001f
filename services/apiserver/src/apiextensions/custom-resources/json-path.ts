import { isMap } from "../schema/structure.ts";

type Step = (values: readonly unknown[]) => unknown[];

/** A path of the kind that printer columns, scale and selectable fields are written in; finds any number of values. */
export type JsonPath = (value: unknown) => readonly unknown[];

/** Reads `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.metadata.labels['a\.b']`. Throws on other syntax. */
export function parseJsonPath(text: string): JsonPath {
  const steps: Step[] = [];
  for (let rest = text.replace(/^\$/, ""); rest !== ""; ) {
    const { step, length } = readStep(rest, text);
    steps.push(step);
    rest = rest.slice(length);
  }
  return (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value]);
}

/** The names of a path that goes through fields alone (`.spec.replicas`); undefined for any other. */
export function fieldNames(path: string): string[] | undefined {
  return /^(\.[A-Za-z_][\w-]*)+$/.test(path) ? path.slice(1).split(".") : undefined;
}

function readStep(rest: string, whole: string): { step: Step; length: number } {
  const name = /^\.((?:\\.|[^.[\]\\*])+)/.exec(rest);
  if (name) return { step: child((name[1] ?? "").replace(/\\(.)/g, "$1")), length: name[0].length };
  const all = /^(?:\.\*|\[\*\])/.exec(rest);
  if (all) return { step: (values) => values.flatMap(membersOf), length: all[0].length };
  const quoted = /^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/.exec(rest);
  if (quoted) return { step: child((quoted[1] ?? quoted[2] ?? "").replace(/\\(.)/g, "$1")), length: quoted[0].length };
  const index = /^\[(-?\d+)\]/.exec(rest);
  if (index) return { step: itemAt(Number(index[1])), length: index[0].length };
  const filter =
    /^\[\?\(\s*@((?:[^=!<>()"']|\[['"][^'"]*['"]\])*?)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?[\d.]+|true|false)\s*)?\)\]/.exec(
      rest,
    );
  if (filter) return { step: filtered(filter[1] ?? "", filter[2], filter[3]), length: filter[0].length };
  if (rest === ".") return { step: (values) => [...values], length: 1 };
  throw new Error(`unrecognized JSONPath ${JSON.stringify(whole)}`);
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
