import { expect } from "chai";
import { noUserNamespaces } from "./preflight.ts";

describe("a kernel that gives users no namespaces", () => {
  it("is told of in one sentence with what can be done", () => {
    const sentence = noUserNamespaces("unshare: unshare failed: No space left on device");
    expect(sentence).to.contain("No space left on device").and.contain("run as root");
    expect(sentence).to.contain("user.max_user_namespaces").and.contain("kernel.unprivileged_userns_clone");
  });
});
