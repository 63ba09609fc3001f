export { protocolsWithoutToken, type TokenAuthenticator, type TokenIdentity } from "./authentication/bearer-token.ts";
export {
  type AuthenticatorDeps,
  type AuthenticatorOptions,
  type ClusterAuthenticator,
  createAuthenticator,
} from "./authentication/create-authenticator.ts";
export { type RequestHeaderOptions, requestHeaderDefaults } from "./authentication/request-header.ts";
export type { Authenticator, Credentials } from "./authenticator.ts";
export {
  type AuthorizationMode,
  type AuthorizerDeps,
  type AuthorizerOptions,
  authorizationModes,
  type ClusterAuthorizer,
  createAuthorizer,
} from "./authorization/create-authorizer.ts";
export { forbiddenError, forbiddenMessage } from "./authorization/forbidden.ts";
export type { Attributes, Authorizer, Decision } from "./authorizer.ts";
export { impersonate } from "./impersonation.ts";
export { checkEscalation, type EscalationDeps, type EscalationRequest } from "./rbac/escalation.ts";
export type { ReviewDeps } from "./reviews/deps.ts";
export { reviewSelfSubject } from "./reviews/self-subject-review.ts";
export { reviewSelfSubjectRules } from "./reviews/self-subject-rules-review.ts";
export {
  reviewLocalSubjectAccess,
  reviewSelfSubjectAccess,
  reviewSubjectAccess,
} from "./reviews/subject-access-review.ts";
export { reviewToken } from "./reviews/token-review.ts";
export type { DiscoveryDocuments } from "./tokens/discovery-documents.ts";
export { type RequestTokenDeps, requestToken } from "./tokens/request-token.ts";
export {
  createTokenIssuer,
  type TokenGrant,
  type TokenIssuer,
  type TokenIssuerDeps,
  type TokenIssuerOptions,
} from "./tokens/token-issuer.ts";
export { tokenMetrics } from "./tokens/token-metrics.ts";
export { anonymousUser, apiserverUser, type User } from "./user.ts";
