import { type FieldError, field, type Path } from "@tskube/apimachinery";
import type { ClaimRule, UserRule } from "./authentication-configuration.ts";
import { compileAt } from "./compile-at.ts";
import type { Compile } from "./validate-authentication.ts";

/** What is wrong with the rules that a token's claims must meet. */
export function validateClaimRules(rules: readonly ClaimRule[], path: Path, compile: Compile): FieldError[] {
  return rules.flatMap((rule, index) => {
    const at = path.index(index);
    const before = rules.slice(0, index);
    if (rule.claim !== "" && rule.expression !== "") {
      return [field.invalid(at, rule.claim, "claim and expression can't both be set")];
    }
    if (rule.claim !== "") return validateByClaim(rule, at, before);
    if (rule.expression !== "") return validateByExpression(rule, at, before, compile);
    return [field.required(at, "claim or expression is required")];
  });
}

function validateByClaim({ claim, message }: ClaimRule, at: Path, before: readonly ClaimRule[]): FieldError[] {
  return [
    ...(message === "" ? [] : [field.invalid(at.child("message"), message, "may not be specified when claim is set")]),
    ...(before.some((other) => other.claim === claim && other.expression === "")
      ? [field.duplicate(at.child("claim"), claim)]
      : []),
  ];
}

function validateByExpression(
  { expression, requiredValue }: ClaimRule,
  at: Path,
  before: readonly ClaimRule[],
  compile: Compile,
): FieldError[] {
  const errors =
    requiredValue === ""
      ? []
      : [field.invalid(at.child("requiredValue"), requiredValue, "may not be specified when expression is set")];
  const path = at.child("expression");
  if (before.some((other) => other.expression === expression && other.claim === ""))
    return [...errors, field.duplicate(path, expression)];
  return [...errors, ...compileAt(expression, "claimRule", path, compile).errors];
}

/** What is wrong with the rules that the user made of a token must meet. */
export function validateUserRules(rules: readonly UserRule[], path: Path, compile: Compile): FieldError[] {
  return rules.flatMap(({ expression }, index) => {
    const at = path.index(index).child("expression");
    if (expression === "") return [field.required(at)];
    const isRepeated = rules.slice(0, index).some((other) => other.expression === expression);
    return isRepeated ? [field.duplicate(at, expression)] : compileAt(expression, "userRule", at, compile).errors;
  });
}
