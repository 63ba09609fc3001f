import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { answerHealth, HealthChecks } from "@tskube/component";
import { expect } from "chai";
import { addChecks } from "./add-checks.ts";
import { ServerLife } from "./server-life.ts";

describe("the server's health checks", () => {
  const open = (currentRevision: () => Promise<number>) => {
    const [health, clock, life] = [new HealthChecks(), new FakeClock(), new ServerLife()];
    addChecks(health, { store: { currentRevision }, life, clock, requireCaches: () => {} });
    const ask = async (path: string) => answerHealth(health, new URL(path, "https://localhost"), silentLogger);
    return { clock, life, ask };
  };

  it("are those of upstream, in its order", async () => {
    const { ask } = open(async () => 1);
    const verbose = async (path: string) => (await ask(`${path}?verbose`))?.body.split("\n").slice(0, -2);
    expect(await verbose("/livez")).to.deep.equal(["[+]ping ok", "[+]log ok", "[+]etcd ok"]);
    expect(await verbose("/readyz")).to.deep.equal([
      "[+]ping ok",
      "[+]log ok",
      "[+]etcd ok",
      "[+]etcd-readiness ok",
      "[+]informer-sync ok",
      "[+]shutdown ok",
    ]);
  });

  it("give a silent store two seconds", async () => {
    const { ask, clock } = open(() => new Promise(() => {}));
    const answer = ask("/readyz/etcd");
    await clock.advance(2_000);
    expect(await answer).to.include({ status: 500, body: "internal server error: no answer within 2000 ms\n" });
  });

  it("end readiness, and nothing else, when the server leaves", async () => {
    const { ask, life } = open(async () => 1);
    life.leave();
    expect((await ask("/readyz"))?.body).to.contain("[-]shutdown failed: reason withheld");
    expect(await ask("/livez")).to.include({ status: 200 });
  });
});
