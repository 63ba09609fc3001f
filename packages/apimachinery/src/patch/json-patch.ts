import { isJsonObject, isList, ownField } from "../json.ts";
import { badRequest, requestEntityTooLarge } from "../status/constructors.ts";
import { failure, type StatusError } from "../status/status-error.ts";
import { deepClone, deepEqual, setField } from "../values/deep.ts";
import { parsePointer } from "./json-pointer.ts";

/** More operations than this are refused unread, as a patch that does little could otherwise cost much. */
export const maxJsonPatchOperations = 10_000;

/** All `copy` operations together may add this much JSON text: a few of them could otherwise double a document without end. */
const maxCopiedChars = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
  readonly hasValue: boolean;
}

/**
 * Applies a JSON patch (RFC 6902) given as parsed JSON. The result shares nothing with `original`, which stays as it was.
 * A patch that is no list of operations is a bad request; one that does not fit the document is unprocessable (422).
 */
export function applyJsonPatch(original: unknown, patch: unknown): unknown {
  if (!isList(patch)) throw badRequest("Invalid JSON Patch");
  if (patch.length > maxJsonPatchOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${patch.length}`,
    );
  }
  const document = new Document(deepClone(original));
  for (const operation of patch) document.apply(parseOperation(operation));
  return document.root;
}

/** A patch that cannot be carried out; `why` is for the log, clients get the sentence that upstream gives. */
export function unprocessablePatch(why: string): StatusError {
  return failure("Invalid", {
    message: "the server rejected our request due to an error in our request",
    details: {},
    cause: new Error(why),
  });
}

function parseOperation(operation: unknown): Operation {
  if (!isJsonObject(operation)) throw badRequest("Invalid JSON Patch");
  const op = ownField(operation, "op");
  const value = ownField(operation, "value");
  return {
    op: typeof op === "string" ? op : "",
    path: pointerOf(ownField(operation, "path")),
    from: op === "move" || op === "copy" ? pointerOf(ownField(operation, "from")) : [],
    value,
    hasValue: value !== undefined,
  };
}

function pointerOf(text: unknown): readonly string[] {
  const steps = typeof text === "string" ? parsePointer(text) : undefined;
  if (!steps) throw unprocessablePatch(`not a JSON pointer: ${JSON.stringify(text)}`);
  return steps;
}

/** A JSON value being patched in place. Its containers are its own, so writing through the readonly types is safe. */
class Document {
  root: unknown;
  #copiedChars = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  apply(operation: Operation): void {
    const { op, path, from, value } = operation;
    switch (op) {
      case "add":
        this.#add(path, newValue(operation));
        break;
      case "replace":
        this.#existing(path);
        this.#replace(path, newValue(operation));
        break;
      case "remove":
        this.#remove(path);
        break;
      case "move":
        if (isPrefix(from, path)) throw unprocessablePatch("cannot move a value into itself");
        this.#add(path, this.#remove(from));
        break;
      case "copy":
        this.#add(path, this.#copy(from));
        break;
      case "test":
        if (!deepEqual(this.#read(path) ?? null, value ?? null)) {
          throw unprocessablePatch(`testing value ${path.join("/")} failed: test failed`);
        }
        break;
      default:
        throw unprocessablePatch(`unexpected kind: ${op}`);
    }
  }

  #copy(from: readonly string[]): unknown {
    const value = this.#existing(from);
    this.#copiedChars += JSON.stringify(value).length;
    if (this.#copiedChars > maxCopiedChars) throw unprocessablePatch("copy operations add too much to the document");
    return deepClone(value);
  }

  /** The value at `path`, or undefined if it or anything above it is missing. */
  #read(path: readonly string[]): unknown {
    return path.reduce<unknown>((value, step) => {
      if (isList(value)) return value[indexIn(value.length, step) ?? value.length];
      return isJsonObject(value) ? ownField(value, step) : undefined;
    }, this.root);
  }

  #existing(path: readonly string[]): unknown {
    const value = this.#read(path);
    if (value === undefined) throw unprocessablePatch(`doc is missing path: /${path.join("/")}: missing value`);
    return value;
  }

  #add(path: readonly string[], value: unknown): void {
    const step = path.at(-1);
    if (step === undefined) {
      this.root = value;
      return;
    }
    const parent = this.#container(path);
    if (Array.isArray(parent)) insert(parent, step, value);
    else setField(parent, step, value);
  }

  #replace(path: readonly string[], value: unknown): void {
    const step = path.at(-1);
    if (step === undefined) {
      this.root = value;
      return;
    }
    const parent = this.#container(path);
    if (Array.isArray(parent)) parent[indexIn(parent.length, step) ?? 0] = value;
    else setField(parent, step, value);
  }

  #remove(path: readonly string[]): unknown {
    const value = this.#existing(path);
    const step = path.at(-1);
    if (step === undefined) throw unprocessablePatch("cannot remove the whole document");
    const parent = this.#container(path);
    if (Array.isArray(parent)) parent.splice(indexIn(parent.length, step) ?? 0, 1);
    else delete parent[step];
    return value;
  }

  /** The list or object that holds, or would hold, the value at `path`. */
  #container(path: readonly string[]): unknown[] | Record<string, unknown> {
    const parent = this.#existing(path.slice(0, -1));
    if (typeof parent !== "object" || parent === null) {
      throw unprocessablePatch(`doc is missing path: /${path.join("/")}: no container`);
    }
    return parent as unknown[] | Record<string, unknown>;
  }
}

function newValue({ op, value, hasValue }: Operation): unknown {
  if (!hasValue) throw unprocessablePatch(`${op} operation without a value`);
  return deepClone(value);
}

function insert(list: unknown[], step: string, value: unknown): void {
  const index = step === "-" ? list.length : indexIn(list.length + 1, step);
  if (index === undefined) throw unprocessablePatch(`cannot add at index ${step}`);
  list.splice(index, 0, value);
}

/** True if `inner` lies truly below `outer`. */
function isPrefix(outer: readonly string[], inner: readonly string[]): boolean {
  return inner.length > outer.length && outer.every((step, i) => inner[i] === step);
}

/** The position a step names in a list of `length`; negative ones count from the end, as upstream allows. */
function indexIn(length: number, step: string): number | undefined {
  if (!/^-?(?:0|[1-9][0-9]*)$/.test(step)) return undefined;
  const index = Number(step) < 0 ? length + Number(step) : Number(step);
  return index >= 0 && index < length ? index : undefined;
}
