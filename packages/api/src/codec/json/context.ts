import { goQuote } from "@tskube/apimachinery";
import { DecodeError } from "./errors.ts";

/** A step towards a value: a field's name, an index of a list, or the key of a map in brackets of its own. */
export type Step = string | number | readonly [key: string];

/** As many unknown fields as are reported of one body. */
const maxStrictErrors = 100;

/** Where a walk through a body stands, and what it has noticed. */
export class DecodeContext {
  readonly path: Step[] = [];
  /** Local name of the struct whose field is being read. */
  struct = "";
  readonly unknownFields: string[] = [];
  readonly reportsUnknown: boolean;

  /** Nothing is added that was not there, and nothing left out for being empty. */
  readonly isSparse: boolean;

  constructor(reportsUnknown: boolean, isSparse = false) {
    this.reportsUnknown = reportsUnknown;
    this.isSparse = isSparse;
  }

  unknownField(name: string): void {
    if (this.unknownFields.length >= maxStrictErrors) return;
    this.unknownFields.push(`unknown field ${goQuote(pathText([...this.path, name]))}`);
  }

  /** The error for a value of the wrong JSON type, as Go words it. */
  mismatch(value: unknown, goType: string): DecodeError {
    const found = describe(value);
    if (this.struct === "") return new DecodeError(`json: cannot unmarshal ${found} into Go value of type ${goType}`);
    // Go's path names fields only, neither indices nor keys.
    const fields = this.path.filter((step) => typeof step === "string").join(".");
    return new DecodeError(
      `json: cannot unmarshal ${found} into Go struct field ${this.struct}.${fields} of type ${goType}`,
    );
  }

  /** The error for a number that its type cannot hold; Go then gives the number too. */
  numberMismatch(value: number, goType: string): DecodeError {
    return new DecodeError(
      this.mismatch(value, goType).message.replace("unmarshal number", `unmarshal number ${value}`),
    );
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}

/** `spec.containers[0].image`; keys of maps read like fields. */
export function pathText(path: readonly Step[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (typeof step === "string" ? step : step[0]);
  }
  return text;
}
