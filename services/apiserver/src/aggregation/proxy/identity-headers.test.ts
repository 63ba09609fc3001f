import { expect } from "chai";
import { identityHeaders, identityHeaderTest } from "./identity-headers.ts";

describe("identity headers", () => {
  it("name the user, its groups and what else is known of it", () => {
    const user = {
      name: "system:serviceaccount:ns:web",
      uid: "0-1",
      groups: ["a", "b"],
      extra: { "authentication.kubernetes.io/pod-name": ["web-1"], "100%": ["x", "y"] },
    };
    expect(identityHeaders(user)).to.deep.equal({
      "X-Remote-User": "system:serviceaccount:ns:web",
      "X-Remote-Uid": "0-1",
      "X-Remote-Group": ["a", "b"],
      "X-Remote-Extra-authentication.kubernetes.io%2Fpod-name": ["web-1"],
      "X-Remote-Extra-100%25": ["x", "y"],
    });
  });

  it("carry names in any script as the bytes of UTF-8", () => {
    const { "X-Remote-User": name } = identityHeaders({ name: "Zoë", groups: [] });
    expect(Buffer.from(String(name), "latin1").toString("utf8")).to.equal("Zoë");
  });

  it("are all recognized when a client brings them", () => {
    const names = ["x-remote-user", "x-remote-uid", "x-remote-group", "x-remote-extra-anything"];
    const isIdentityHeader = identityHeaderTest();
    expect(names.filter((name) => !isIdentityHeader(name))).to.deep.equal([]);
    expect(isIdentityHeader("x-request-id")).to.equal(false);
  });

  it("are also those that a front proxy of the cluster's own uses", () => {
    const isIdentityHeader = identityHeaderTest({
      usernameHeaders: ["X-My-User"],
      extraHeaderPrefixes: ["X-My-Extra-"],
    });
    const names = ["x-my-user", "x-my-extra-a", "x-remote-user", "x-my-group"];
    expect(names.map(isIdentityHeader)).to.deep.equal([true, true, true, false]);
  });
});
