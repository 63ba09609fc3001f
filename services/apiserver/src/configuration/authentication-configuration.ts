import { readConfiguration } from "./read-configuration.ts";
import { boolean, listOf, type ObjectOf, objectOf, optional, type ShapeOf, text } from "./shape.ts";

const prefixedClaim = objectOf({ claim: text, prefix: optional(text), expression: text });
const issuer = objectOf({
  url: text,
  discoveryURL: text,
  certificateAuthority: text,
  audiences: listOf(text),
  audienceMatchPolicy: text,
  egressSelectorType: text,
});
const claimRule = objectOf({ claim: text, requiredValue: text, expression: text, message: text });
const claimMappings = objectOf({
  username: prefixedClaim,
  groups: prefixedClaim,
  uid: objectOf({ claim: text, expression: text }),
  extra: listOf(objectOf({ key: text, valueExpression: text })),
});
const userRule = objectOf({ expression: text, message: text });
const jwt = objectOf({
  issuer,
  claimValidationRules: listOf(claimRule),
  claimMappings,
  userValidationRules: listOf(userRule),
});
const anonymous = objectOf({ enabled: boolean, conditions: listOf(objectOf({ path: text })) });
const fields = { jwt: listOf(jwt), anonymous: optional(anonymous) };

export type PrefixedClaim = ShapeOf<typeof prefixedClaim>;
export type JwtIssuer = ShapeOf<typeof issuer>;
export type ClaimRule = ShapeOf<typeof claimRule>;
export type ClaimMappings = ShapeOf<typeof claimMappings>;
export type UserRule = ShapeOf<typeof userRule>;
/** Tokens of one issuer: how they are verified, and what user they make. */
export type JwtAuthenticator = ShapeOf<typeof jwt>;
/** Whether requests without credentials are let in, and to which paths; to all when none are given. */
export type AnonymousAccess = ShapeOf<typeof anonymous>;
/** What `--authentication-config` holds. */
export type AuthenticationConfiguration = ObjectOf<typeof fields>;

/** Reads the file's text; what it asks for is not checked yet. */
export function readAuthenticationConfiguration(source: string): AuthenticationConfiguration {
  return readConfiguration(source, {
    kind: "AuthenticationConfiguration",
    versions: ["v1alpha1", "v1beta1", "v1"],
    fields,
  });
}
