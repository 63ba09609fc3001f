import type { Attributes, Authorizer, Decision } from "../authorizer.ts";

/** Asks one after another until one allows or denies; otherwise nobody has an opinion, for all the reasons given. */
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: "union",
    authorize: (attributes) => ask(authorizers, 0, attributes, []),
  };
}

/** Stays synchronous as long as the authorizers do: most decisions come from memory, and a promise each would cost more than they do. */
function ask(
  authorizers: readonly Authorizer[],
  from: number,
  attributes: Attributes,
  reasons: string[],
): Decision | Promise<Decision> {
  for (let i = from; i < authorizers.length; i++) {
    const answer = authorizers[i]?.authorize(attributes);
    if (answer instanceof Promise) {
      return answer.then((decision) =>
        isFinal(decision, reasons) ? decision : ask(authorizers, i + 1, attributes, reasons),
      );
    }
    if (answer && isFinal(answer, reasons)) return answer;
  }
  return { allowed: false, denied: false, reason: reasons.join("\n") };
}

function isFinal(decision: Decision, reasons: string[]): boolean {
  if (decision.allowed || decision.denied) return true;
  if (decision.reason) reasons.push(decision.reason);
  return false;
}
