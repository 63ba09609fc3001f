import { controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { rootCaPublisher } from "../root-ca-publisher/controller.ts";
import { serviceAccountController } from "./controller.ts";

describe("what every namespace gets", () => {
  it("is a default service account, again when it is deleted", async () => {
    const t = controllerTest();
    t.api.seed("Namespace", { metadata: { name: "a" }, status: { phase: "Active" } });
    t.api.seed("Namespace", { metadata: { name: "b" }, status: { phase: "Terminating" } });
    await t.start(serviceAccountController);
    await t.deps.client.serviceaccounts("a").delete("default");
    await t.settle();
    expect(t.api.writes()).to.deep.equal([
      "create serviceaccounts a/",
      "delete serviceaccounts a/default",
      "create serviceaccounts a/",
    ]);
    await t.stop();
  });

  it("is the cluster's authority, put right when somebody changes it", async () => {
    const t = controllerTest();
    t.api.seed("Namespace", { metadata: { name: "a" }, status: { phase: "Active" } });
    await t.start(rootCaPublisher("PEM"));
    t.api.change("ConfigMap", "a/kube-root-ca.crt", (map) => {
      map.data = { "ca.crt": "false" };
    });
    await t.settle();
    expect((await t.deps.client.configmaps("a").get("kube-root-ca.crt")).data).to.deep.equal({ "ca.crt": "PEM" });
    await t.stop();
  });
});
