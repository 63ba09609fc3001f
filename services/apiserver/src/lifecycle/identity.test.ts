import { expect } from "chai";
import { identityOf } from "./identity.ts";

describe("a server's identity", () => {
  it("is the name of a Lease, the same for the same host", () => {
    const identity = identityOf("host-a", "10.0.0.1");
    expect(identity).to.match(/^apiserver-[a-z2-7]{26}$/);
    expect(identityOf("host-a", "10.0.0.1")).to.equal(identity);
    expect(identityOf("host-a", "10.0.0.2")).to.not.equal(identity);
    expect(identityOf("host-b", "10.0.0.1")).to.not.equal(identity);
  });
});
