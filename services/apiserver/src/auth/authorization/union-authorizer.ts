import type { Attributes, Authorizer, Decision } from "../authorizer.ts";

/** What those said who had no opinion. */
interface Heard {
  readonly reasons: string[];
  readonly errors: Error[];
}

/** Asks one after another until one allows or denies; otherwise nobody has an opinion, for all the reasons given. */
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: "union",
    authorize: (attributes) => ask(authorizers, 0, attributes, { reasons: [], errors: [] }),
  };
}

/** Stays synchronous as long as the authorizers do: most decisions come from memory, and a promise each would cost more than they do. */
function ask(
  authorizers: readonly Authorizer[],
  from: number,
  attributes: Attributes,
  heard: Heard,
): Decision | Promise<Decision> {
  for (let i = from; i < authorizers.length; i++) {
    const answer = authorizers[i]?.authorize(attributes);
    if (answer instanceof Promise) {
      return answer.then((decision) =>
        isFinal(decision, heard) ? decision : ask(authorizers, i + 1, attributes, heard),
      );
    }
    if (answer && isFinal(answer, heard)) return answer;
  }
  const error = together(heard.errors);
  return { allowed: false, denied: false, reason: heard.reasons.join("\n"), ...(error && { error }) };
}

function isFinal(decision: Decision, { reasons, errors }: Heard): boolean {
  if (decision.allowed || decision.denied) return true;
  if (decision.reason) reasons.push(decision.reason);
  if (decision.error) errors.push(decision.error);
  return false;
}

function together(errors: readonly Error[]): Error | undefined {
  if (errors.length < 2) return errors[0];
  return new AggregateError(errors, `[${errors.map((error) => error.message).join(", ")}]`);
}
