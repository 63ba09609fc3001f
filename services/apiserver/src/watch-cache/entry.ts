import type { KubeObject } from "@tskube/api";
import type { EntryBlock } from "./entry-block.ts";
import { metadataSpan, type ObjectBytes, replaceRevision, spliceRevision } from "./json-bytes.ts";

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
  /** The run of a resource's present objects that this one belongs to; kept by the run. */
  block: EntryBlock | undefined;
  #selectable: Selectable | Describe;
  #object: WeakRef<KubeObject> | undefined;
  #encoded: Map<string, Buffer> | undefined;
  #metadata: { readonly start: number; readonly end: number } | undefined;

  /** What selectors look at is given, or read from the object when it is first asked for. */
  constructor(
    key: string,
    revision: number,
    json: ObjectBytes,
    selectable: Selectable | Describe,
    object?: KubeObject,
  ) {
    const slash = key.indexOf("/");
    this.key = key;
    this.namespace = slash < 0 ? "" : key.slice(0, slash);
    this.name = key.slice(slash + 1);
    this.revision = revision;
    this.json = json;
    this.#selectable = selectable;
    if (object) this.#object = new WeakRef(object);
  }

  static fromStored(key: string, stored: Buffer, revision: number, selectable: Selectable | Describe): Entry {
    return new Entry(key, revision, spliceRevision(stored, revision), selectable);
  }

  get bytes(): Buffer {
    return this.json.bytes;
  }

  /** The object's metadata as JSON, a view of its bytes. */
  get metadata(): Buffer {
    this.#metadata ??= metadataSpan(this.json);
    return this.bytes.subarray(this.#metadata.start, this.#metadata.end);
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#read().labels;
  }

  get fields(): Readonly<Record<string, string>> {
    return this.#read().fields;
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
    const known = this.#encoded?.get(encoding);
    if (known) return known;
    const bytes = encode(this);
    this.keepEncoded(encoding, bytes);
    return bytes;
  }

  /** Keeps bytes that were made elsewhere for `encoded`. */
  keepEncoded(encoding: string, bytes: Buffer): void {
    this.#encoded ??= new Map();
    this.#encoded.set(encoding, bytes);
  }

  /** The object as it was, under the revision at which it went. */
  at(revision: number): Entry {
    return new Entry(this.key, revision, replaceRevision(this.json, revision), this.#selectable);
  }

  #read(): Selectable {
    if (typeof this.#selectable === "function") this.#selectable = this.#selectable(this.object);
    return this.#selectable;
  }
}

function parse(bytes: Buffer): KubeObject {
  return JSON.parse(bytes.toString("utf8")) as KubeObject;
}
