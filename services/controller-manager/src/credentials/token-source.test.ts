import { notFound } from "@tskube/apimachinery";
import { FakeClock } from "@tskube/base/testing";
import { FakeApi } from "@tskube/client/testing";
import { expect } from "chai";
import { serviceAccountTokens } from "./token-source.ts";

describe("tokens of a service account", () => {
  function source() {
    const clock = new FakeClock();
    const api = new FakeApi({ clock });
    const token = serviceAccountTokens("kube-system", "demo", { client: api.client(), clock });
    return { clock, api, token };
  }

  it("are asked for once, whoever needs one at the time, and creates a missing account", async () => {
    const { api, token } = source();
    let refusals = 1;
    api.react(({ subresource }) => {
      if (subresource === "token" && refusals-- > 0) throw notFound({ group: "", resource: "serviceaccounts" }, "demo");
    });
    const [first, second] = await Promise.all([token(), token()]);
    expect(first).to.equal(second);
    expect(api.writes()).to.deep.equal([
      "create serviceaccounts/token kube-system/demo",
      "create serviceaccounts kube-system/",
      "create serviceaccounts/token kube-system/demo",
    ]);
  });

  it("are renewed before they end, while the old one is given", async () => {
    const { api, clock, token } = source();
    api.seed("ServiceAccount", { metadata: { name: "demo", namespace: "kube-system" } });
    await token();
    const asked = api.writes().length;
    await clock.advance(1_000);
    await token();
    expect(api.writes()).to.have.length(asked);
    await clock.advance(3_000_000);
    await token();
    await clock.advance(0);
    expect(api.writes().length).to.equal(asked + 1);
  });
});
