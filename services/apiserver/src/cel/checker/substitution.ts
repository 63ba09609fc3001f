import { DYN, type Type } from "../types.ts";

/**
 * What type parameters turned out to stand for. Parameters of each use of a function are its own: `T` of the third use is `T#3`.
 */
export class Substitution {
  #bound: ReadonlyMap<string, Type> = new Map();
  #uses = 0;

  /** The types with parameters of their own. */
  instantiate(types: readonly Type[]): readonly Type[] {
    const use = ++this.#uses;
    return types.map((type) => rename(type, use));
  }

  fresh(): Type {
    return { kind: "parameter", name: `_#${++this.#uses}` };
  }

  /** Whether values of all `sources` can stand where `targets` are wanted; what that says of parameters is kept only if so. */
  accepts(targets: readonly Type[], sources: readonly Type[]): boolean {
    const bound = new Map(this.#bound);
    const fits =
      targets.length === sources.length && targets.every((target, at) => fit(target, sources[at] as Type, bound));
    if (fits) this.#bound = bound;
    return fits;
  }

  /** A type with what is known of its parameters put in. */
  resolve(type: Type): Type {
    return map(type, (parameter) => lookup(parameter, this.#bound));
  }

  /** As `resolve`; what is still unknown is `dyn`. */
  settle(type: Type): Type {
    return map(this.resolve(type), () => DYN);
  }
}

function rename(type: Type, use: number): Type {
  return map(type, ({ name }) => ({ kind: "parameter", name: `${name}#${use}` }));
}

type Parameter = Extract<Type, { kind: "parameter" }>;

function map(type: Type, of: (parameter: Parameter) => Type): Type {
  switch (type.kind) {
    case "parameter": {
      const found = of(type);
      return found === type || found.kind === "parameter" ? found : map(found, of);
    }
    case "list":
      return { kind: "list", item: map(type.item, of) };
    case "map":
      return { kind: "map", key: map(type.key, of), value: map(type.value, of) };
    case "opaque":
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map((one) => map(one, of)) };
    case "type":
      return { kind: "type", of: map(type.of, of) };
    default:
      return type;
  }
}

function lookup(type: Type, bound: ReadonlyMap<string, Type>): Type {
  let found = type;
  while (found.kind === "parameter") {
    const next = bound.get(found.name);
    if (!next) break;
    found = next;
  }
  return found;
}

function fit(wanted: Type, given: Type, bound: Map<string, Type>): boolean {
  const [target, source] = [lookup(wanted, bound), lookup(given, bound)];
  if (target === source) return true;
  if (target.kind === "parameter") return bind(target, source, bound);
  if (source.kind === "parameter") return bind(source, target, bound);
  if (target.kind === "dyn" || source.kind === "dyn") return true;
  if (source.kind === "null_type")
    return ["null_type", "object", "opaque", "timestamp", "duration"].includes(target.kind);
  switch (target.kind) {
    case "list":
      return source.kind === "list" && fit(target.item, source.item, bound);
    case "map":
      return source.kind === "map" && fit(target.key, source.key, bound) && fit(target.value, source.value, bound);
    case "object":
      return source.kind === "object" && source.name === target.name;
    case "opaque":
      return (
        source.kind === "opaque" &&
        source.name === target.name &&
        target.parameters.every((one, at) => fit(one, source.parameters[at] ?? DYN, bound))
      );
    default:
      return source.kind === target.kind;
  }
}

function bind(parameter: Parameter, type: Type, bound: Map<string, Type>): boolean {
  if (!contains(type, parameter.name, bound)) bound.set(parameter.name, type);
  return true;
}

/** A parameter that is part of what it would stand for stays unknown. */
function contains(type: Type, name: string, bound: ReadonlyMap<string, Type>): boolean {
  const found = lookup(type, bound);
  switch (found.kind) {
    case "parameter":
      return found.name === name;
    case "list":
      return contains(found.item, name, bound);
    case "map":
      return contains(found.key, name, bound) || contains(found.value, name, bound);
    case "opaque":
      return found.parameters.some((one) => contains(one, name, bound));
    default:
      return false;
  }
}
