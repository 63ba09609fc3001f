import { expect } from "chai";
import { createAdmission } from "./create-admission.ts";
import { depsWith, podOf, write } from "./testing/write.ts";

const names = (...parameters: Parameters<typeof createAdmission>) =>
  createAdmission(...parameters).plugins.map((one) => one.name);

describe("createAdmission", () => {
  it("has the default plugins on, quota after all that judge", () => {
    const on = names({}, depsWith());
    expect(on).to.include.members(["NamespaceLifecycle", "ServiceAccount", "NodeRestriction", "PodSecurity"]);
    expect(on).to.not.include("OwnerReferencesPermissionEnforcement");
    expect(on.indexOf("ResourceQuota")).to.equal(on.length - 2);
  });

  it("switches plugins on and off by name, and refuses names it does not know", () => {
    const on = names({ enable: ["OwnerReferencesPermissionEnforcement"], disable: ["PodSecurity"] }, depsWith());
    expect(on).to.include("OwnerReferencesPermissionEnforcement").and.not.include("PodSecurity");
    expect(() => names({ disable: ["Nonsense"] }, depsWith())).to.throw(
      'disable-admission-plugins plugin "Nonsense" is unknown',
    );
    expect(() => names({ enable: ["PodSecurity"], disable: ["PodSecurity"] }, depsWith())).to.throw(
      "[PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped",
    );
  });

  it("runs plugins brought by the caller at their place, all admit before any validate", async () => {
    const ran: string[] = [];
    const webhook = {
      name: "MutatingAdmissionWebhook",
      handles: () => true,
      admit: () => void ran.push("admit"),
      validate: () => void ran.push("validate"),
    };
    const admission = createAdmission({}, depsWith(), [webhook]);
    const on = admission.plugins.map((one) => one.name);
    expect(on.indexOf(webhook.name)).to.be.lessThan(on.indexOf("ResourceQuota"));
    const attributes = write("events", podOf(), { namespace: "" });
    const { signal } = new AbortController();
    await admission.admit(attributes, signal);
    expect(ran).to.deep.equal(["admit"]);
    await admission.validate(attributes, signal);
    expect(ran).to.deep.equal(["admit", "validate"]);
  });
});
