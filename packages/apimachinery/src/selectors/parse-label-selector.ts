import { aggregateMessage } from "../validation/field-error.ts";
import { type Token, tokenize } from "./label-lexer.ts";
import { createSelector, everything, type LabelSelector } from "./label-selector.ts";
import {
  binaryOperators,
  labelKeyErrors,
  type Requirement,
  requirementErrors,
  type SelectorOperator,
} from "./requirement.ts";

/**
 * Parses selector text such as `app=web,tier in (front,back),!canary,size>2`; empty text selects everything.
 * Throws a plain error in upstream's words; the apiserver answers it as a bad request.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = new Parser(tokenize(text)).selector();
  return requirements.length === 0 ? everything : createSelector(requirements);
}

const endToken: Token = { kind: "end", text: "" };

const symbolOperators: Readonly<Record<string, SelectorOperator>> = {
  in: "in",
  notin: "notin",
  "=": "=",
  "==": "==",
  "!=": "!=",
  ">": "gt",
  "<": "lt",
};

function isIdentifier(token: Token): boolean {
  return token.kind === "identifier" || token.kind === "keyword";
}

function is(token: Token, symbol: string): boolean {
  return token.kind === "symbol" && token.text === symbol;
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  selector(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === "end") return requirements;
      if (!isIdentifier(token) && !is(token, "!")) {
        throw new Error(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirementInContext());
      if (this.#atEndAfterRequirement()) return requirements;
    }
  }

  #requirementInContext(): Requirement {
    try {
      return this.#requirement();
    } catch (error) {
      throw new Error(`unable to parse requirement: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #atEndAfterRequirement(): boolean {
    const separator = this.#take();
    if (separator.kind === "end") return true;
    if (!is(separator, ",")) throw new Error(`found '${separator.text}', expected: ',' or 'end of string'`);
    const next = this.#peek();
    if (isIdentifier(next) || is(next, "!")) return false;
    throw new Error(`found '${next.text}', expected: identifier after ','`);
  }

  #requirement(): Requirement {
    const isNegated = is(this.#peek(), "!");
    if (isNegated) this.#take();
    const key = this.#identifier();
    throwIfAny(labelKeyErrors(key));
    const next = this.#peek();
    if (isNegated || next.kind === "end" || is(next, ",")) {
      return { key, operator: isNegated ? "!" : "exists", values: [] };
    }
    const operator = this.#operator();
    const values = operator === "in" || operator === "notin" ? this.#valueSet() : [this.#exactValue()];
    const requirement = { key, operator, values };
    throwIfAny(requirementErrors(requirement));
    return requirement;
  }

  #identifier(): string {
    const token = this.#take();
    if (!isIdentifier(token)) throw new Error(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #operator(): SelectorOperator {
    const token = this.#take();
    const operator = token.kind === "identifier" ? undefined : symbolOperators[token.text];
    if (!operator) throw new Error(`found '${token.text}', expected: ${binaryOperators.join(", ")}`);
    return operator;
  }

  /** An absent value, as in `a=` or `a=,b`, is the empty one. */
  #exactValue(): string {
    const next = this.#peek();
    return next.kind === "end" || is(next, ",") ? "" : this.#identifier();
  }

  /** `(x,,y)`: values may be empty, and repeated ones count once. Sorted, as upstream keeps them. */
  #valueSet(): string[] {
    const open = this.#take();
    if (!is(open, "(")) throw new Error(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      values.add(isIdentifier(this.#peek()) ? this.#take().text : "");
      const separator = this.#take();
      if (is(separator, ")")) return [...values].sort();
      if (!is(separator, ",")) throw new Error(`found '${separator.text}', expected: ',' or ')'`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? endToken;
  }

  #take(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }
}

function throwIfAny(errors: Parameters<typeof aggregateMessage>[0]): void {
  if (errors.length > 0) throw new Error(aggregateMessage(errors));
}
