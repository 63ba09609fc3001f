import { dns1123SubdomainErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import type { ClaimMappings, JwtAuthenticator, PrefixedClaim } from "./authentication-configuration.ts";
import { compileAt } from "./compile-at.ts";
import type { Compile } from "./validate-authentication.ts";

/** What is wrong with how claims become a user. */
export function validateClaimMappings(
  { claimMappings, claimValidationRules }: JwtAuthenticator,
  path: Path,
  compile: Compile,
): FieldError[] {
  const { username, groups, uid, extra } = claimMappings;
  return [
    ...validatePrefixed(username, path.child("username"), true, compile),
    ...validatePrefixed(groups, path.child("groups"), false, compile),
    ...validateUid(uid, path.child("uid"), compile),
    ...validateExtra(extra, path.child("extra"), compile),
    ...validateEmail(
      username.expression,
      [
        ...extra.map(({ valueExpression }) => valueExpression),
        ...claimValidationRules.map(({ expression }) => expression),
      ],
      path.child("username", "expression"),
      compile,
    ),
  ];
}

function validatePrefixed(mapping: PrefixedClaim, path: Path, isRequired: boolean, compile: Compile): FieldError[] {
  const { claim, expression, prefix } = mapping;
  if (claim !== "" && expression !== "") return [field.invalid(path, "", "claim and expression can't both be set")];
  if (expression !== "") {
    const detail = "may not be specified when expression is set";
    return [
      ...(prefix === undefined ? [] : [field.invalid(path.child("prefix"), prefix, detail)]),
      ...compileAt(expression, "claimMapping", path.child("expression"), compile).errors,
    ];
  }
  if (claim === "") return isRequired ? [field.required(path, "claim or expression is required")] : [];
  if (prefix !== undefined) return [];
  const detail = "prefix is required when claim is set. It can be set to an empty string to disable prefixing";
  return [field.required(path.child("prefix"), detail)];
}

function validateUid({ claim, expression }: ClaimMappings["uid"], path: Path, compile: Compile): FieldError[] {
  if (claim !== "" && expression !== "") return [field.invalid(path, "", "claim and expression can't both be set")];
  return expression === "" ? [] : [...compileAt(expression, "claimMapping", path.child("expression"), compile).errors];
}

function validateExtra(extra: ClaimMappings["extra"], path: Path, compile: Compile): FieldError[] {
  return extra.flatMap(({ key, valueExpression }, index) => {
    const at = path.index(index);
    const errors = validateKey(key, at.child("key"));
    if (extra.slice(0, index).some((other) => other.key === key))
      return [...errors, field.duplicate(at.child("key"), key)];
    if (valueExpression === "") return [...errors, field.required(at.child("valueExpression"))];
    return [...errors, ...compileAt(valueExpression, "claimMapping", at.child("valueExpression"), compile).errors];
  });
}

/** A domain and a path, so that keys of different authenticators do not mix; Kubernetes' own domains are its own. */
function validateKey(key: string, path: Path): FieldError[] {
  if (key === "") return [field.required(path)];
  const slash = key.indexOf("/");
  const [domain, rest] = slash < 0 ? [key, ""] : [key.slice(0, slash), key.slice(slash + 1)];
  const isReserved = /(^|\.)(kubernetes|k8s)\.io$/.test(domain);
  const format = 'must be a domain-prefixed path (such as "acme.io/foo")';
  const domainProblems = slash > 0 ? dns1123SubdomainErrors(domain) : [];
  const isPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest);
  return [
    ...(slash <= 0 || rest === "" ? [field.invalid(path, key, format)] : []),
    ...domainProblems.map((problem) => field.invalid(path, domain, problem)),
    ...(rest !== "" && !isPath ? [field.invalid(path, rest, "Invalid path")] : []),
    ...(key === key.toLowerCase() ? [] : [field.invalid(path, key, "must be lowercase")]),
    ...(isReserved && slash > 0
      ? [field.invalid(path, key, "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use")]
      : []),
  ];
}

/** An address that nobody has verified must not name a user. */
function validateEmail(username: string, others: readonly string[], path: Path, compile: Compile): FieldError[] {
  const uses = (expression: string, claim: string) => {
    const { compiled } =
      expression === "" ? { compiled: undefined } : compileAt(expression, "claimMapping", path, compile);
    return compiled?.uses(claim) === true;
  };
  if (!uses(username, "email")) return [];
  if ([username, ...others].some((expression) => uses(expression, "email_verified"))) return [];
  const detail =
    "claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression";
  return [field.invalid(path, username, detail)];
}
