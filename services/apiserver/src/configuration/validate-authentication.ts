import { type FieldError, field, Path } from "@tskube/apimachinery";
import type { AuthenticationConfiguration, JwtAuthenticator } from "./authentication-configuration.ts";
import { validateClaimMappings } from "./validate-claim-mappings.ts";
import { validateClaimRules, validateUserRules } from "./validate-claim-rules.ts";
import { validateIssuer } from "./validate-issuer.ts";

/** What an expression is for: it decides about its variable and what it must evaluate to. */
export type ExpressionPurpose = "claimMapping" | "claimRule" | "userRule" | "matchCondition";

/** Compiles an expression; throws why it cannot. */
export type Compile = (expression: string, purpose: ExpressionPurpose) => { uses(field: string): boolean };

export interface AuthenticationContext {
  readonly compile: Compile;
  /** Issuers whose tokens are the cluster's own. */
  readonly disallowedIssuers: readonly string[];
}

const maxAuthenticators = 64;

/** What is wrong with an authentication configuration, in upstream's words. */
export function validateAuthentication(
  { jwt, anonymous }: AuthenticationConfiguration,
  context: AuthenticationContext,
): FieldError[] {
  const root = Path.of("jwt");
  if (jwt.length > maxAuthenticators) return [field.tooMany(root, jwt.length, maxAuthenticators)];
  const errors = jwt.flatMap((one, index) => validateJwt(one, root.index(index), context));
  const repeated = (value: (one: JwtAuthenticator) => string, name: string) =>
    jwt.flatMap((one, index) => {
      const isRepeated = value(one) !== "" && jwt.findIndex((other) => value(other) === value(one)) < index;
      return isRepeated ? [field.duplicate(root.index(index).child("issuer", name), value(one))] : [];
    });
  errors.push(
    ...repeated(({ issuer }) => issuer.url, "url"),
    ...repeated(({ issuer }) => issuer.discoveryURL, "discoveryURL"),
  );
  if (anonymous && !anonymous.enabled && anonymous.conditions.length > 0) {
    const path = Path.of("anonymous", "conditions");
    errors.push(field.invalid(path, anonymous.conditions, "enabled should be set to true when conditions are defined"));
  }
  return errors;
}

function validateJwt(one: JwtAuthenticator, path: Path, context: AuthenticationContext): FieldError[] {
  return [
    ...validateIssuer(one.issuer, path.child("issuer"), context.disallowedIssuers),
    ...validateClaimRules(one.claimValidationRules, path.child("claimValidationRules"), context.compile),
    ...validateClaimMappings(one, path.child("claimMappings"), context.compile),
    ...validateUserRules(one.userValidationRules, path.child("userValidationRules"), context.compile),
  ];
}
