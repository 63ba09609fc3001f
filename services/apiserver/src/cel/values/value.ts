import { type ListKeys, type Type, typeName } from "../types.ts";

/** A value of an expression. Integers are `bigint`, doubles `number`. */
export type Value =
  | null
  | boolean
  | string
  | bigint
  | number
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | Optional
  | Opaque
  | TypeValue;

/** Something that an expression cannot be evaluated for; what it is not needed for goes on without it. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

export const noOverload = () => new EvaluationError("no such overload");

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export abstract class ListValue implements Iterable<Value> {
  abstract readonly size: number;
  abstract at(index: number): Value;

  /** Undefined for lists whose order matters. */
  get keyedBy(): ListKeys | undefined {
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<Value> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }
}

/** A map, or an object, whose fields are its keys. */
export abstract class MapValue {
  abstract readonly size: number;
  /** Undefined for a key that is not there. */
  abstract get(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;
}

export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A value that only functions can look into. */
export class Opaque<T = unknown> {
  readonly type: Type;
  readonly held: T;
  /** Two values of a type are equal when their keys are; the key is what `string()` makes of the value, too. */
  readonly key: string;

  constructor(type: Type, held: T, key: string) {
    this.type = type;
    this.held = held;
    this.key = key;
  }
}

export class TypeValue {
  readonly type: Type;
  constructor(type: Type) {
    this.type = type;
  }

  /** Types are told apart by their outermost name when expressions compare them. */
  get key(): string {
    const { type } = this;
    if (type.kind === "opaque") return type.name;
    return type.kind === "list" || type.kind === "map" || type.kind === "type" ? type.kind : typeName(type);
  }
}

export class ArrayList extends ListValue {
  readonly items: Value[];
  constructor(items: Value[]) {
    super();
    this.items = items;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): Value {
    return this.items[index] as Value;
  }

  override [Symbol.iterator](): IterableIterator<Value> {
    return this.items.values();
  }
}

type Key = string | bigint | boolean;

/** A map that an expression made. */
export class EntryMap extends MapValue {
  readonly entries: Map<Key, Value>;
  constructor(entries: Map<Key, Value>) {
    super();
    this.entries = entries;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: Value): Value | undefined {
    return this.entries.get(mapKey(key));
  }

  keys(): Iterable<Value> {
    return this.entries.keys();
  }
}

/** What a value is as a key; whole numbers of all types are the same. Throws for what cannot be one. */
export function mapKey(value: Value): Key {
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (value instanceof Uint) return value.value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw new EvaluationError("unsupported key type");
}
