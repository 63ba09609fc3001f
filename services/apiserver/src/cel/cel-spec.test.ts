import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";
import { expect } from "chai";
import { CostMeter } from "./interpreter/cost.ts";
import { baseFunctions } from "./libraries/index.ts";
import { compile } from "./program.ts";
import { InvalidExpression } from "./syntax/issues.ts";
import { readType, readValue, Unsupported } from "./testing/spec-values.ts";
import { EvaluationError, equal, type Value } from "./values/index.ts";

/** The suites of the language and of the extensions that Kubernetes has; the others are about protobuf or extensions that it does not have. */
const suites = new Set([
  "basic",
  "comparisons",
  "conversions",
  "fields",
  "fp_math",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "macros2",
  "optionals",
  "parse",
  "plumbing",
  "string",
  "string_ext",
  "timestamps",
]);

interface Case {
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly checkOnly?: boolean;
  /** For evaluators that run what no checker has seen; Kubernetes has none. */
  readonly disableCheck?: boolean;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: object } }[];
  readonly bindings?: Readonly<Record<string, { readonly value: object }>>;
  readonly value?: object;
  readonly evalError?: object;
  readonly typedResult?: { readonly result?: object };
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: object }[];
}

type Outcome = "passed" | "not ours" | string;

function outcomeOf(one: Case): Outcome {
  if (one.container || one.checkOnly || one.disableCheck) return "not ours";
  try {
    return judge(one);
  } catch (error) {
    if (error instanceof Unsupported) return "not ours";
    throw error;
  }
}

function judge(one: Case): Outcome {
  const types = (one.typeEnv ?? []).map(({ name, ident }) => [name, readType(ident?.type)] as const);
  const values = new Map(Object.entries(one.bindings ?? {}).map(([name, { value }]) => [name, readValue(value)]));
  const result = one.value ?? one.typedResult?.result;
  const wanted = result ? readValue(result) : one.evalError ? undefined : true;
  try {
    const environment = { functions: baseFunctions, variables: Object.fromEntries(types) };
    const found = compile(one.expr, environment).evaluate((name) => values.get(name), new CostMeter(1e9));
    return wanted !== undefined && isSame(found, wanted) ? "passed" : `${one.expr} is ${String(found)}`;
  } catch (error) {
    return failure(one, wanted, error as Error);
  }
}

function failure({ expr }: Case, wanted: Value | undefined, error: Error): Outcome {
  if (error instanceof EvaluationError || error instanceof InvalidExpression) {
    if (wanted === undefined) return "passed";
    // Protobuf's messages are not ours; lists and maps hold elements of one type, as Kubernetes wants them.
    const isNotOurs = /undeclared reference to '(google|cel)\.|expected type '|unbound|f_unknown|'x' \(in/.test(
      error.message,
    );
    return isNotOurs ? "not ours" : `${expr}: ${error.message.split("\n")[0]}`;
  }
  throw error;
}

function isSame(a: Value, b: Value): boolean {
  return equal(a, b) || (Number.isNaN(a) && Number.isNaN(b));
}

function* casesOf(suite: Suite): IterableIterator<Case> {
  for (const { original } of suite.tests ?? []) yield original as Case;
  for (const below of suite.suites ?? []) yield* casesOf(below);
}

describe("the specification of CEL", () => {
  for (const suite of tests.suites as readonly Suite[]) {
    if (!suites.has(suite.name)) continue;
    it(`is met by ${suite.name}`, () => {
      const outcomes = [...casesOf(suite)].map(outcomeOf);
      const wrong = outcomes.filter((outcome) => outcome !== "passed" && outcome !== "not ours");
      expect(wrong).to.deep.equal([]);
      expect(outcomes.filter((outcome) => outcome === "passed").length).to.be.above(0);
    });
  }
});
