import type { KubeObject } from "@tskube/api";
import { type ObjectBytes, replaceRevision, spliceRevision } from "./json-bytes.ts";

/** What selectors look at. */
export interface Selectable {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads what selectors look at out of an object. */
export type Describe = (object: KubeObject) => Selectable;

/**
 * One object at one revision: its JSON bytes made once, its labels and selectable fields. The parsed object is made when asked for and
 * held only as long as somebody uses it, for parsed objects take several times the memory of their bytes. Shared and read-only.
 */
export class Entry implements Selectable {
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly json: ObjectBytes;
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  #object: WeakRef<KubeObject> | undefined;
  #encoded: Map<string, Buffer> | undefined;

  constructor(key: string, revision: number, json: ObjectBytes, selectable: Selectable, object?: KubeObject) {
    const slash = key.indexOf("/");
    this.key = key;
    this.namespace = slash < 0 ? "" : key.slice(0, slash);
    this.name = key.slice(slash + 1);
    this.revision = revision;
    this.json = json;
    this.labels = selectable.labels;
    this.fields = selectable.fields;
    if (object) this.#object = new WeakRef(object);
  }

  static fromStored(key: string, stored: Buffer, revision: number, describe: Describe): Entry {
    const json = spliceRevision(stored, revision);
    const object = parse(json.bytes);
    return new Entry(key, revision, json, describe(object), object);
  }

  get bytes(): Buffer {
    return this.json.bytes;
  }

  get object(): KubeObject {
    let object = this.#object?.deref();
    if (!object) {
      object = parse(this.bytes);
      this.#object = new WeakRef(object);
    }
    return object;
  }

  /** The object as another encoding has it, made at its first use. */
  encoded(encoding: string, encode: (entry: Entry) => Buffer): Buffer {
    this.#encoded ??= new Map();
    let bytes = this.#encoded.get(encoding);
    if (!bytes) {
      bytes = encode(this);
      this.#encoded.set(encoding, bytes);
    }
    return bytes;
  }

  /** The object as it was, under the revision at which it went. */
  at(revision: number): Entry {
    return new Entry(this.key, revision, replaceRevision(this.json, revision), this);
  }
}

function parse(bytes: Buffer): KubeObject {
  return JSON.parse(bytes.toString("utf8")) as KubeObject;
}
