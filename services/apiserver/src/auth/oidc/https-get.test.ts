import { expect } from "chai";
import { httpsGet } from "./https-get.ts";

const { signal } = new AbortController();

describe("documents from outside", () => {
  it("are read over HTTPS alone", async () => {
    for (const url of ["http://127.0.0.1/keys", "file:///etc/passwd", "data:,x"]) {
      const error = await httpsGet(url, { signal }).catch((caught: Error) => caught);
      expect(error).to.have.property("message", `${url} is not https`);
    }
  });
});
