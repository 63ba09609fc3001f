import { expect } from "chai";
import type { Authorizer, Decision } from "../../auth/authorizer.ts";
import { userNamed } from "../../auth/testing/ask.ts";
import { compile, toJson } from "../../cel/index.ts";
import { authorizerValue } from "./authorizer-library.ts";
import { Decisions } from "./decisions.ts";
import { admissionEnvironment } from "./environment.ts";

function evaluate(text: string, decision: Decision): unknown {
  const authorizer: Authorizer = { name: "test", authorize: () => decision };
  const program = compile(`authorizer.group('').resource('pods').check('get').${text}`, admissionEnvironment());
  return toJson(program.evaluate(() => authorizerValue(new Decisions(authorizer), userNamed("ann"))));
}

describe("what expressions are told of a decision", () => {
  const allowed: Decision = { allowed: true, reason: "because" };
  const unanswered: Decision = { allowed: false, denied: false, reason: "", error: new Error("no answer") };
  const cases: readonly [text: string, decision: Decision, result: unknown][] = [
    ["allowed()", allowed, true],
    ["reason()", allowed, "because"],
    ["errored()", allowed, false],
    ["error()", allowed, ""],
    ["allowed()", unanswered, false],
    ["errored()", unanswered, true],
    ["error()", unanswered, "no answer"],
  ];
  for (const [text, decision, result] of cases) {
    it(`${text} is ${JSON.stringify(result)} when it is ${decision.allowed ? "allowed" : "not answered"}`, () => {
      expect(evaluate(text, decision)).to.equal(result);
    });
  }
});
