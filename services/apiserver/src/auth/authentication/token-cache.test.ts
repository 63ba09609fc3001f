import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { cachedTokenAuthenticator } from "./token-cache.ts";

function setUp(failureTtlMs: number) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const inner = {
    name: "inner",
    async authenticateToken(token: string, audiences: readonly string[]) {
      asked.push(`${token} ${audiences.join()}`);
      if (token === "broken") throw new Error("no answer");
      return token === "good" ? { user: { name: "ann", groups: [] } } : undefined;
    },
  };
  const options = { successTtlMs: 10_000, failureTtlMs };
  return { clock, asked, tokens: cachedTokenAuthenticator(inner, options, clock) };
}

describe("remembered tokens", () => {
  it("are asked about again when their time is over", async () => {
    const { clock, asked, tokens } = setUp(0);
    for (let i = 0; i < 3; i++) expect((await tokens.authenticateToken("good", ["a"]))?.user.name).to.equal("ann");
    expect(asked).to.deep.equal(["good a"]);
    await clock.advance(10_000);
    await tokens.authenticateToken("good", ["a"]);
    expect(asked.length).to.equal(2);
  });

  it("are remembered for the audiences that were asked for", async () => {
    const { asked, tokens } = setUp(0);
    await tokens.authenticateToken("good", ["a"]);
    await tokens.authenticateToken("good", ["b"]);
    await tokens.authenticateToken("good", ["a", "b"]);
    expect(asked).to.deep.equal(["good a", "good b", "good a,b"]);
  });

  it("are asked about once by those who come together", async () => {
    const { asked, tokens } = setUp(0);
    await Promise.all(Array.from({ length: 5 }, () => tokens.authenticateToken("good", ["a"])));
    expect(asked.length).to.equal(1);
  });

  it("that nobody knows are remembered only if that is wanted, and errors never", async () => {
    const forgetful = setUp(0);
    const strict = setUp(5_000);
    for (const { tokens } of [forgetful, strict]) {
      for (let i = 0; i < 2; i++) {
        expect(await tokens.authenticateToken("unknown", ["a"])).to.equal(undefined);
        expect(await tokens.authenticateToken("broken", ["a"]).catch((error: Error) => error.message)).to.equal(
          "no answer",
        );
      }
    }
    expect(forgetful.asked.length).to.equal(4);
    expect(strict.asked.length).to.equal(3);
  });
});
