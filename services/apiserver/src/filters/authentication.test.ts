import { unauthorized } from "@tskube/apimachinery";
import { MetricsRegistry } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import type { Authenticator } from "../auth/index.ts";
import type { RequestContext } from "../http/context.ts";
import { authentication } from "./authentication.ts";
import { authenticationMetrics } from "./authentication-metrics.ts";

const registry = new MetricsRegistry();
const clock = new FakeClock();
const metrics = authenticationMetrics(registry);

/** What came of a request with that token. */
async function ask(token: string, connection: object = {}): Promise<string> {
  const authenticator: Authenticator = {
    name: "test",
    async authenticate() {
      await clock.advance(5);
      if (token === "bad") throw unauthorized("Unauthorized");
      return token === "" ? undefined : { name: token, groups: [] };
    },
  };
  const request = { headers: {}, rawHeaders: [] };
  const context = { exchange: { connection, request }, info: { path: "/" } } as unknown as RequestContext;
  let name = "nobody";
  const handle = authentication({ authenticator, metrics, clock })(async ({ user }) => {
    name = user.name;
  });
  return Promise.resolve(handle(context)).then(
    () => name,
    (error: Error) => error.message,
  );
}

describe("finding out who asks", () => {
  beforeEach(() => registry.resetMetrics());
  const value = async (line: string) => (await registry.metrics()).split("\n").find((one) => one.startsWith(line));

  it("counts who was proven, who proved nothing and what was wrong", async () => {
    expect(await ask("ann")).to.equal("ann");
    expect(await ask("admin")).to.equal("admin");
    expect(await ask("")).to.equal("Unauthorized");
    expect(await ask("bad")).to.equal("Unauthorized");
    expect(await value('authentication_attempts{result="success"}')).to.match(/ 2$/);
    expect(await value('authentication_attempts{result="failure"}')).to.match(/ 1$/);
    expect(await value('authentication_attempts{result="error"}')).to.match(/ 1$/);
    expect(await value('authenticated_user_requests{username="admin"}')).to.match(/ 1$/);
    expect(await value('authenticated_user_requests{username="other"}')).to.match(/ 1$/);
    expect(await value('authentication_duration_seconds_sum{result="success"}')).to.match(/ 0\.01$/);
  });

  it("refuses certificates of foreign authorities, and believes connections in memory", async () => {
    expect(await ask("ann", { hasUntrustedCertificate: true })).to.equal("Unauthorized");
    expect(await ask("", { user: { name: "within", groups: [] } })).to.equal("within");
    expect(await value('authentication_attempts{result="error"}')).to.match(/ 1$/);
  });
});
