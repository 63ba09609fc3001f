import type { admissionregistrationV1beta1 } from "@tskube/api";
import { baseLibraries, type Environment, functionTable, celType as t } from "../../../cel/index.ts";
import { authorizerLibrary } from "../../cel/authorizer-library.ts";
import { admissionEnvironment } from "../../cel/environment.ts";
import { compileOrFail, type Expression } from "../../cel/expression.ts";
import { createMatchConditions, type MatchConditions } from "../../cel/match-conditions.ts";
import type { MatchDeps, Matcher } from "../../matching/match-resources.ts";
import { matcherOf } from "../bindings.ts";
import { composeVariables, type Variables } from "../variables.ts";
import { jsonPatchLibrary } from "./json-patch.ts";
import { jsonPatchType, mutationStructs, objectType } from "./object-types.ts";

export interface CompiledMutation {
  readonly type: "ApplyConfiguration" | "JSONPatch";
  readonly expression: Expression;
}

/** A MutatingAdmissionPolicy, ready to change objects. */
export interface MutatingPolicy {
  readonly name: string;
  readonly paramKind: admissionregistrationV1beta1.ParamKind | undefined;
  readonly ignoresFailure: boolean;
  readonly isReinvoked: boolean;
  readonly match: Matcher;
  readonly conditions: MatchConditions;
  readonly variables: Variables;
  readonly mutations: readonly CompiledMutation[];
}

const functions = functionTable(...baseLibraries, authorizerLibrary, jsonPatchLibrary);

/** What expressions of mutating policies may name. */
export function mutationEnvironment(hasParams: boolean): Environment {
  return { ...admissionEnvironment({ hasParams }), functions, structs: mutationStructs };
}

/** What the expression of a mutation must make. */
export const mutationTypes = { ApplyConfiguration: objectType, JSONPatch: t.listOf(jsonPatchType) } as const;

export function compileMutatingPolicy(
  { metadata, spec }: admissionregistrationV1beta1.MutatingAdmissionPolicy,
  deps: MatchDeps,
): MutatingPolicy {
  const environment = mutationEnvironment(spec.paramKind !== undefined);
  const variables = composeVariables(spec.variables, environment);
  return {
    name: metadata.name,
    paramKind: spec.paramKind,
    ignoresFailure: spec.failurePolicy === "Ignore",
    isReinvoked: spec.reinvocationPolicy === "IfNeeded",
    match: matcherOf(spec.matchConstraints ?? {}, deps),
    conditions: createMatchConditions(spec.matchConditions, environment),
    variables,
    mutations: (spec.mutations ?? []).map((mutation) => {
      const type = mutation.patchType === "JSONPatch" ? "JSONPatch" : "ApplyConfiguration";
      const { expression = "" } = (type === "JSONPatch" ? mutation.jsonPatch : mutation.applyConfiguration) ?? {};
      return { type, expression: compileOrFail(expression, variables.environment, [mutationTypes[type]]) };
    }),
  };
}
