import { expect } from "chai";
import { httpsGet } from "../../../services/apiserver/src/auth/oidc/https-get.ts";
import { type HttpsServer, openHttps } from "./https-server.ts";

const { signal } = new AbortController();

describe("documents of outside issuers", () => {
  let first: HttpsServer;
  let other: HttpsServer;
  const seen: (string | string[] | undefined)[] = [];

  before(async () => {
    other = await openHttps((path, _body, headers) => {
      seen.push(headers["authorization"]);
      return path === "/here" ? { body: "elsewhere" } : undefined;
    });
    first = await openHttps((path) => {
      if (path === "/moved") return { status: 302, body: "", location: `${other.url}/here` };
      if (path === "/loop") return { status: 302, body: "", location: "/loop" };
      if (path === "/plain") return { status: 302, body: "", location: "http://127.0.0.1/here" };
      return path === "/long" ? { body: "x".repeat(2 * 1024 * 1024) } : undefined;
    });
  });
  after(() => {
    first.close();
    other.close();
  });

  const get = (path: string, headers = {}) =>
    httpsGet(first.url + path, { ca: `${first.ca}\n${other.ca}`, signal, headers }).catch(
      (error: Error) => error.message,
    );

  it("may have moved, and what proves us is not shown to where they moved", async () => {
    expect(await get("/moved", { authorization: "Bearer secret" })).to.equal("elsewhere");
    expect(seen).to.deep.equal([undefined]);
  });

  it("are given up when they move in circles, out of HTTPS, are too long or not there", async () => {
    expect(await get("/loop")).to.equal("stopped after 5 redirects");
    expect(await get("/plain")).to.equal("http://127.0.0.1/here is not https");
    expect(await get("/long")).to.match(/is longer than 1048576 bytes$/);
    expect(await get("/none")).to.match(/^404 Not Found: /);
  });

  it("come from a server that the authority has signed", async () => {
    const error = await httpsGet(`${first.url}/moved`, { ca: other.ca, signal }).catch((caught: Error) => caught);
    expect(error).to.be.an.instanceOf(Error);
  });
});
