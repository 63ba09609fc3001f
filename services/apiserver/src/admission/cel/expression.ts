import {
  type CelEnv,
  type CelInput,
  type CelValue,
  celEnv,
  celMap,
  isCelError,
  isCelList,
  isCelMap,
  isCelUint,
  parse,
  plan,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { addresses } from "../../apiextensions/cel/libraries/addresses.ts";
import { lists } from "../../apiextensions/cel/libraries/lists.ts";
import { optionals } from "../../apiextensions/cel/libraries/optionals.ts";
import { quantities } from "../../apiextensions/cel/libraries/quantities.ts";
import { texts } from "../../apiextensions/cel/libraries/texts.ts";
import { authorizerFunctions, withAuthorizer } from "./authorizer-functions.ts";
import type { Bindings } from "./bindings.ts";

/** A CEL expression that was parsed and planned once. */
export interface Expression {
  readonly text: string;
  /** Throws what evaluation fails with, in upstream's words. */
  evaluate(bindings: Bindings): CelValue;
}

const functions = [...strings, ...lists, ...quantities, ...texts, ...addresses, ...optionals, ...authorizerFunctions];

let environment: CelEnv | undefined;

/** Compiles `text`; throws for syntax that is none. */
export function compileExpression(text: string): Expression {
  environment ??= celEnv({ funcs: functions });
  const evaluate = plan(environment, parse(text));
  return {
    text,
    evaluate({ values, authorization }) {
      const result = withAuthorizer(authorization, () => evaluate(values()));
      if (isCelError(result)) throw new Error(upstreamWords(result.message), { cause: result });
      return result;
    },
  };
}

/** As `compileExpression`, but an expression that is none fails whenever it is evaluated. */
export function compileOrFail(text: string): Expression {
  try {
    return compileExpression(text);
  } catch (error) {
    const failure = new Error(`compilation failed: ${(error as Error).message}`, { cause: error });
    return {
      text,
      evaluate() {
        throw failure;
      },
    };
  }
}

function upstreamWords(message: string): string {
  return message
    .replace(/^field not found: /, "no such key: ")
    .replace(/^found no matching overload.*$/s, "no such overload");
}

/** JSON as expressions see it: whole numbers are integers. */
export function toCel(value: unknown): CelInput {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== "object") return value as string | boolean;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return celMap(new Map(entries.map(([key, item]) => [key, toCel(item)])));
}

/** The way back: what an expression made, as JSON. */
export function fromCel(value: CelValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (isCelUint(value)) return Number(value.value);
  if (isCelList(value)) return [...value].map((item) => fromCel(item as CelValue));
  if (isCelMap(value))
    return Object.fromEntries([...value.entries()].map(([key, item]) => [String(key), fromCel(item)]));
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
