import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, podOf, write } from "../testing/write.ts";
import { ownerReferencesPermissionEnforcement } from "./owner-references-permission-enforcement.ts";

function owned(more: object = {}) {
  const pod = podOf();
  pod.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u", ...more }];
  return pod;
}

/** What a user hears who may act only on objects with the names `allowed`. */
function refusal(allowed: readonly string[], pod = owned(), oldObject = podOf()): Promise<string> {
  const plugin = ownerReferencesPermissionEnforcement(depsWith(new FakeObjects(), (name) => allowed.includes(name)));
  return admit(plugin, write("pods", pod, { operation: "UPDATE", oldObject }));
}

describe("OwnerReferencesPermissionEnforcement", () => {
  it("lets only those set owners who may delete the object", async () => {
    expect(await refusal([])).to.include("cannot set an ownerRef on a resource you can't delete");
    expect(await refusal(["web"])).to.equal("");
    expect(await refusal([], owned(), owned())).to.equal("");
  });

  it("lets only those hold up an owner's deletion who may set its finalizers", async () => {
    const blocking = owned({ blockOwnerDeletion: true });
    expect(await refusal(["web"], blocking)).to.include("to a resource you can't set finalizers on");
    expect(await refusal(["web", "n"], blocking)).to.equal("");
    const renamed = owned({ blockOwnerDeletion: true, controller: true });
    expect(await refusal(["web"], renamed, blocking)).to.equal("");
  });

  it("refuses an owner of a kind that is not served", async () => {
    const strange = owned({ kind: "Strange", blockOwnerDeletion: true });
    expect(await refusal(["web", "n"], strange)).to.include(
      'cannot find RESTMapping for APIVersion v1 Kind Strange: no matches for kind "Strange" in version "v1"',
    );
  });
});
