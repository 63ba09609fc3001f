import { errorMessage } from "@tskube/base";
import type { JwtAuthenticator } from "../../configuration/authentication-configuration.ts";
import { compileExpression, type Expression } from "../cel/expression.ts";
import { userInfo } from "../reviews/user-info.ts";
import type { User } from "../user.ts";

export type Claims = Readonly<Record<string, unknown>>;

type Read<T> = (claims: Claims) => T;
type Check<T> = (value: T) => void;

/** Makes the user of a verified token's claims, as the configuration says; throws why it makes none. */
export function claimMapper(configuration: JwtAuthenticator): (claims: Claims) => User {
  const { username, groups, uid, extra } = configuration.claimMappings;
  const readName = nameReader(username.expression, username.claim, username.prefix ?? "");
  const readGroups = groupsReader(groups.expression, groups.claim, groups.prefix ?? "");
  const readUid = uidReader(uid.expression, uid.claim);
  const readExtra = extraReader(extra);
  const checkClaims = claimChecks(configuration.claimValidationRules);
  const checkUser = userChecks(configuration.userValidationRules);
  return (claims) => {
    const name = readName(claims);
    const found = { groups: readGroups(claims), uid: readUid(claims), extra: readExtra(claims) };
    checkClaims(claims);
    const user: User = {
      name,
      groups: found.groups,
      ...(found.uid && { uid: found.uid }),
      ...(Object.keys(found.extra).length > 0 && { extra: found.extra }),
    };
    checkUser(user);
    return user;
  };
}

function claimExpression(text: string): Expression {
  return compileExpression(text, "claimMapping");
}

function nameReader(expression: string, claim: string, prefix: string): Read<string> {
  if (expression !== "") {
    const compiled = claimExpression(expression);
    return (claims) =>
      explained("oidc: error evaluating username claim expression", () =>
        textOf(compiled.evaluate(claims), "username claim expression must return a string"),
      );
  }
  return (claims) => {
    const name = explained(`oidc: parse username claims ${JSON.stringify(claim)}`, () => textClaim(claims, claim));
    if (claim === "email") checkEmail(claims);
    return prefix + name;
  };
}

/** An issuer that tells whether it verified an address must have done so. */
function checkEmail(claims: Claims): void {
  if (!Object.hasOwn(claims, "email_verified")) return;
  const isVerified = claims["email_verified"];
  if (typeof isVerified !== "boolean") throw new Error("oidc: parse 'email_verified' claim: not a boolean");
  if (!isVerified) throw new Error("oidc: email not verified");
}

function groupsReader(expression: string, claim: string, prefix: string): Read<readonly string[]> {
  if (expression !== "") {
    const compiled = claimExpression(expression);
    return (claims) =>
      explained("oidc: error evaluating group claim expression", () => textsOf(compiled.evaluate(claims)));
  }
  return (claims) => {
    if (claim === "" || !Object.hasOwn(claims, claim)) return [];
    const value = claims[claim];
    const groups: unknown[] = Array.isArray(value) ? value : [value];
    return explained(`oidc: parse groups claim ${JSON.stringify(claim)}`, () =>
      groups.map((group) => prefix + textOf(group, "not a string or a list of strings")),
    );
  };
}

function uidReader(expression: string, claim: string): Read<string> {
  if (claim !== "") {
    return (claims) => explained(`oidc: parse uid claim ${JSON.stringify(claim)}`, () => textClaim(claims, claim));
  }
  if (expression === "") return () => "";
  const compiled = claimExpression(expression);
  return (claims) =>
    explained("oidc: error evaluating uid claim expression", () =>
      textOf(compiled.evaluate(claims), "uid claim expression must return a string"),
    );
}

function extraReader(extra: JwtAuthenticator["claimMappings"]["extra"]): Read<Record<string, readonly string[]>> {
  const readers = extra.map(({ key, valueExpression }) => ({ key, compiled: claimExpression(valueExpression) }));
  return (claims) => {
    const values = readers.map(({ key, compiled }) => {
      const what = `oidc: error evaluating extra claim expression: ${compiled.text}`;
      return [key, explained(what, () => textsOf(compiled.evaluate(claims)))] as const;
    });
    return Object.fromEntries(values.filter(([, found]) => found.length > 0));
  };
}

function claimChecks(rules: JwtAuthenticator["claimValidationRules"]): Check<Claims> {
  const required = rules.filter(({ claim }) => claim !== "");
  const checkExpressions = expressionChecks(rules, "claimRule", "oidc: error evaluating claim validation expression");
  return (claims) => {
    for (const { claim, requiredValue } of required) {
      if (!Object.hasOwn(claims, claim)) throw new Error(`oidc: required claim ${claim} not present in ID token`);
      const value = explained(`oidc: parse claim ${claim}`, () => textClaim(claims, claim));
      if (value === requiredValue) continue;
      throw new Error(`oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`);
    }
    checkExpressions(claims);
  };
}

function userChecks(rules: JwtAuthenticator["userValidationRules"]): Check<User> {
  const check = expressionChecks(rules, "userRule", "oidc: error evaluating user info validation rule");
  return (user) => {
    const { username, uid = "", groups, extra = {} } = userInfo(user);
    check({ username, uid, groups, extra });
  };
}

interface ExpressionRule {
  readonly expression: string;
  readonly message: string;
}

function expressionChecks(
  rules: readonly ExpressionRule[],
  purpose: "claimRule" | "userRule",
  what: string,
): Check<Claims> {
  const compiled = rules
    .filter(({ expression }) => expression !== "")
    .map(({ expression, message }) => ({ expression: compileExpression(expression, purpose), message }));
  return (value) => {
    for (const { expression, message } of compiled) {
      const result = explained(what, () => expression.evaluate(value));
      if (result !== true) throw new Error(`${what}: validation expression '${expression.text}' failed: ${message}`);
    }
  };
}

function explained<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new Error(`${what}: ${errorMessage(cause)}`, { cause });
  }
}

function textClaim(claims: Claims, claim: string): string {
  if (!Object.hasOwn(claims, claim)) throw new Error("claim not present");
  return textOf(claims[claim], "not a string");
}

function textOf(value: unknown, complaint: string): string {
  if (typeof value !== "string") throw new Error(complaint);
  return value;
}

/** One text or a list of them; what is empty counts as not there. */
function textsOf(value: unknown): string[] {
  const complaint = "expression must return a string or a list of strings";
  if (value === null) return [];
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  return texts.map((text) => textOf(text, complaint)).filter((text) => text !== "");
}
