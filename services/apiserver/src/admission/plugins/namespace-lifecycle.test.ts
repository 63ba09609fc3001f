import type { StatusError } from "@tskube/apimachinery";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";

describe("NamespaceLifecycle", () => {
  const objects = new FakeObjects().put(
    "namespaces",
    object("Namespace", "dev", {}, ""),
    object("Namespace", "going", { status: { phase: "Terminating" } }, ""),
  );
  const plugin = namespaceLifecycle(depsWith(objects));
  const inNamespace = (namespace: string) => ({ namespace, object: podOf() });

  it("lets objects into namespaces that exist", async () => {
    expect(await admit(plugin, write("pods", podOf()))).to.equal("");
  });

  it("refuses objects for a namespace that does not exist", async () => {
    expect(await admit(plugin, write("pods", podOf(), inNamespace("none")))).to.equal('namespaces "none" not found');
  });

  it("refuses creation in a namespace that is going away, with the cause that controllers look for", async () => {
    const attributes = write("pods", podOf(), inNamespace("going"));
    expect(await admit(plugin, attributes)).to.equal(
      'pods "web" is forbidden: unable to create new content in namespace going because it is being terminated',
    );
    const error = await Promise.resolve(plugin.admit?.(attributes, new AbortController().signal)).catch(
      (e: StatusError) => e,
    );
    expect(error?.status.details?.causes).to.deep.equal([
      { reason: "NamespaceTerminating", message: "namespace going is being terminated", field: "metadata.namespace" },
    ]);
    expect(await admit(plugin, { ...attributes, operation: "UPDATE" })).to.equal("");
  });

  it("keeps the system's namespaces from deletion", async () => {
    for (const name of ["default", "kube-system", "kube-public"]) {
      const deletion = write("namespaces", undefined, { operation: "DELETE", name, kind: "Namespace" });
      expect(await admit(plugin, deletion)).to.equal(
        `namespaces "${name}" is forbidden: this namespace may not be deleted`,
      );
    }
    expect(
      await admit(plugin, write("namespaces", undefined, { operation: "DELETE", name: "dev", kind: "Namespace" })),
    ).to.equal("");
  });
});
