import { internalError, type StatusError } from "@tskube/apimachinery";
import { type Attributes, type Authorizer, type Decision, forbiddenError } from "../auth/index.ts";
import type { Filter } from "../http/context.ts";
import { requestAttributes } from "./request-attributes.ts";

/** Lets only those through who may do what they ask. */
export function authorization(authorizer: Authorizer): Filter {
  return (next) => async (context) => {
    const attributes = requestAttributes(context.info, context.exchange.url.query, context.user);
    const decision = await authorizer.authorize(attributes);
    const { audit } = context.exchange;
    if (audit) {
      audit.annotate("authorization.k8s.io/decision", decision.allowed ? "allow" : "forbid");
      audit.annotate("authorization.k8s.io/reason", decision.reason);
    }
    if (!decision.allowed) throw refusal(attributes, decision);
    await next(context);
  };
}

/** Nobody denied it, but somebody could not be asked who might have allowed it. */
function refusal(attributes: Attributes, decision: Exclude<Decision, { allowed: true }>): StatusError {
  return decision.error ? internalError(decision.error) : forbiddenError(attributes, decision.reason);
}
