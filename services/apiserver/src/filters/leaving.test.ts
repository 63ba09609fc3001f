import { EventEmitter } from "node:events";
import { expect } from "chai";
import type { RequestContext } from "../http/context.ts";
import { ServerLife } from "../lifecycle/server-life.ts";
import { leaving } from "./leaving.ts";
import { requestInfo } from "./request-info.ts";

describe("requests of a server that may leave", () => {
  /** What is under way while the request is and after its answer has left. */
  function counts(path: string, upgrade?: object): readonly [number, number] {
    const life = new ServerLife();
    const response = new EventEmitter();
    const query = new URLSearchParams(path.split("?")[1]);
    const info = requestInfo("GET", path.split("?")[0] ?? "", query);
    const exchange = { response, upgrade, url: { query } };
    void leaving(life)(() => {})({ info, exchange } as unknown as RequestContext);
    const during = life.underWay;
    response.emit("close");
    return [during, life.underWay];
  }

  it("are waited for until their answers have left", () => {
    expect(counts("/api/v1/pods")).to.deep.equal([1, 0]);
  });

  it("are not waited for when they may last: watches, and connections that leave HTTP", () => {
    expect(counts("/api/v1/pods?watch=true")).to.deep.equal([0, 0]);
    expect(counts("/apis/example.com/v1/namespaces/a/things/b/console", {})).to.deep.equal([0, 0]);
  });
});
