export { type AcceptClause, parseAccept } from "./accept.ts";
export { type ContinuePosition, decodeContinueToken, encodeContinueToken } from "./continue-token.ts";
export {
  mediaTypeOf,
  mediaTypes,
  type NegotiatedType,
  negotiate,
  type Offer,
  type TransformTarget,
} from "./negotiate.ts";
