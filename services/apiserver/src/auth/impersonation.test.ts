import { expect } from "chai";
import type { Attributes, Authorizer } from "./authorizer.ts";
import { impersonate } from "./impersonation.ts";
import { userNamed } from "./testing/ask.ts";

const ann = userNamed("ann");

function recording(isAllowed: (attributes: Attributes) => boolean = () => true) {
  const asked: string[] = [];
  const authorizer: Authorizer = {
    name: "test",
    authorize(attributes) {
      const { verb, group, resource, subresource, namespace, name } = attributes;
      asked.push(`${verb} ${[group, resource, subresource, namespace, name].filter(Boolean).join("/")}`);
      return isAllowed(attributes) ? { allowed: true, reason: "" } : { allowed: false, denied: false, reason: "" };
    },
  };
  return { asked, authorizer };
}

describe("impersonate", () => {
  it("leaves requests without its headers as they are", async () => {
    const { asked, authorizer } = recording();
    expect(await impersonate(ann, {}, authorizer)).to.equal(ann);
    expect(asked).to.deep.equal([]);
  });

  for (const header of ["impersonate-uid", "impersonate-group", "impersonate-extra-scopes"]) {
    it(`refuses ${header} that comes without a user`, async () => {
      const error = await impersonate(ann, { [header]: "x" }, recording().authorizer).catch((caught: Error) => caught);
      expect(error).to.have.property("message").that.contains("without impersonating a user");
    });
  }

  it("asks about every part of the other identity", async () => {
    const { asked, authorizer } = recording();
    const headers = {
      "impersonate-user": "bob",
      "impersonate-uid": "42",
      "impersonate-group": ["devs", "ops"],
      "impersonate-extra-acme.com%2fproject": "blue",
    };
    expect(await impersonate(ann, headers, authorizer)).to.deep.equal({
      name: "bob",
      uid: "42",
      groups: ["devs", "ops", "system:authenticated"],
      extra: { "acme.com/project": ["blue"] },
    });
    expect(asked).to.deep.equal([
      "impersonate users/bob",
      "impersonate groups/devs",
      "impersonate groups/ops",
      "impersonate authentication.k8s.io/userextras/acme.com/project/blue",
      "impersonate authentication.k8s.io/uids/42",
    ]);
  });

  it("gives a service account the groups it always has", async () => {
    const { asked, authorizer } = recording();
    const user = await impersonate(ann, { "impersonate-user": "system:serviceaccount:dev:web" }, authorizer);
    expect(user.groups).to.deep.equal(["system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated"]);
    expect(asked).to.deep.equal(["impersonate serviceaccounts/dev/web"]);
  });

  it("refuses if any part is not allowed, in the words of authorization", async () => {
    const { authorizer } = recording(({ resource }) => resource !== "groups");
    const headers = { "impersonate-user": "bob", "impersonate-group": "system:masters" };
    const error = await impersonate(ann, headers, authorizer).catch((caught: Error) => caught);
    expect(error).to.have.property(
      "message",
      'groups "system:masters" is forbidden: User "ann" cannot impersonate resource "groups" in API group "" at the cluster scope',
    );
  });

  it("refuses groups without a user", async () => {
    const error = await impersonate(ann, { "impersonate-group": "devs" }, recording().authorizer).catch(
      (caught: Error) => caught,
    );
    expect(error).to.have.property("message").that.contains("without impersonating a user");
  });
});
