import type { Attributes, Authorizer, Decision } from "../../auth/authorizer.ts";

/** An expression needs a decision that is still being made. */
export class DecisionPending extends Error {
  override readonly name = "DecisionPending";
  readonly settled: Promise<void>;

  constructor(settled: Promise<void>) {
    super("an authorizer has not answered yet");
    this.settled = settled;
  }
}

/** What an authorizer says to the questions of one write's expressions; each is asked once. */
export class Decisions {
  readonly #authorizer: Authorizer;
  readonly #known = new Map<string, Decision>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** Throws `DecisionPending` when others have to be asked first: `decided` then evaluates once more. */
  of(attributes: Attributes): Decision {
    const key = JSON.stringify(attributes);
    const known = this.#known.get(key);
    if (known) return known;
    const answer = this.#authorizer.authorize(attributes);
    if (answer instanceof Promise) {
      throw new DecisionPending(answer.then((decision) => void this.#known.set(key, decision)));
    }
    this.#known.set(key, answer);
    return answer;
  }
}

/** Evaluates as often as decisions have to be waited for: every round knows one more. */
export async function decided<T>(evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof DecisionPending)) throw error;
      await error.settled;
    }
  }
}
