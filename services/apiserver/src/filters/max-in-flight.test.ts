import { isTooManyRequests } from "@tskube/apimachinery";
import { createMetrics, Gauge } from "@tskube/base";
import { expect } from "chai";
import type { RequestContext } from "../http/context.ts";
import { maxInFlight } from "./max-in-flight.ts";
import { requestInfo } from "./request-info.ts";

describe("plain limits of requests", () => {
  const query = new URLSearchParams();
  const open = () => {
    const registers = [createMetrics({ processFigures: false })];
    const gauge = new Gauge({ name: "g", help: "g", labelNames: ["request_kind"], registers });
    const handled: (() => void)[] = [];
    const next = () => new Promise<void>((resolve) => handled.push(resolve));
    const filter = maxInFlight({ readOnly: 1, mutating: 1 }, gauge)(next);
    const ask = (method: string, path: string, group = "system:authenticated") => {
      const info = requestInfo(method, path, query);
      const context = { info, user: { name: "u", groups: [group] }, exchange: { url: { query } } };
      return Promise.resolve(filter(context as unknown as RequestContext)).then(
        () => "handled",
        (error: unknown) => (isTooManyRequests(error) ? "refused" : String(error)),
      );
    };
    return { ask, handled };
  };

  it("count reads and writes apart, and let others in when one has ended", async () => {
    const { ask, handled } = open();
    const first = ask("GET", "/api/v1/pods");
    expect(await ask("GET", "/api/v1/pods")).to.equal("refused");
    void ask("POST", "/api/v1/namespaces");
    expect(await ask("POST", "/api/v1/namespaces")).to.equal("refused");
    handled[0]?.();
    expect(await first).to.equal("handled");
    void ask("GET", "/api/v1/pods");
    expect(handled.length).to.equal(3);
  });

  it("are not for masters, documents and what streams", () => {
    const { ask, handled } = open();
    for (let n = 0; n < 3; n++) {
      void ask("GET", "/api/v1/pods", "system:masters");
      void ask("GET", "/version");
      void ask("POST", "/api/v1/namespaces/n/pods/p/exec");
    }
    expect(handled.length).to.equal(9);
  });
});
