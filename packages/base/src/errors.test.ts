import { expect } from "chai";
import { errorMessage, systemErrorCode } from "./errors.ts";

describe("error messages", () => {
  it("are joined with those of their causes, each once", () => {
    const root = new Error("connection refused");
    expect(errorMessage(new Error("cannot list pods", { cause: root }))).to.equal(
      "cannot list pods: connection refused",
    );
    expect(errorMessage(new Error("cannot list: connection refused", { cause: root }))).to.equal(
      "cannot list: connection refused",
    );
    expect(errorMessage("text")).to.equal("text");
  });

  it("have a code when the system gave one", () => {
    expect(systemErrorCode(Object.assign(new Error("x"), { code: "ENOENT" }))).to.equal("ENOENT");
    expect(systemErrorCode(Object.assign(new Error("x"), { code: 5 }))).to.equal(undefined);
    expect(systemErrorCode(undefined)).to.equal(undefined);
  });
});
