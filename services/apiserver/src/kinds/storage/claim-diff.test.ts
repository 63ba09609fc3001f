import type { PersistentVolume, PersistentVolumeClaim } from "@tskube/api";
import { expect } from "chai";
import { checkCases, completed, texts } from "../testing/errors-of.ts";
import { unifiedDiff } from "../unified-diff.ts";
import { validateClaimUpdate } from "./validate-claim.ts";
import { validateVolume } from "./validate-volume.ts";

describe("an update of a claim", () => {
  it("that changes what may not change shows what that was", () => {
    const of = (storage: string) =>
      completed<PersistentVolumeClaim>("v1", "PersistentVolumeClaim", {
        spec: {
          accessModes: ["ReadWriteMany"],
          selector: { matchLabels: { type: "nfs" } },
          storageClassName: "",
          resources: { requests: { storage } },
        },
      });
    const [message] = texts(validateClaimUpdate(of("1Ti"), of("500Gi")));
    expect(message).to.equal(
      `spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
@@ -10,7 +10,7 @@
  "Resources": {
   "Limits": null,
   "Requests": {
-   "storage": "500Gi"
+   "storage": "1Ti"
   }
  },
  "VolumeName": "",
`,
    );
  });
});

describe("unifiedDiff", () => {
  it("shows changes that are far apart in hunks of their own", () => {
    const before = ["a", "1", "2", "3", "4", "5", "6", "7", "8", "b"];
    const after = ["A", ...before.slice(1, -1), "B", "C"];
    expect(unifiedDiff(before.join("\n"), after.join("\n"))).to.equal(
      ["@@ -1,4 +1,4 @@", "-a", "+A", " 1", " 2", " 3", "@@ -7,4 +7,5 @@", " 6", " 7", " 8", "-b", "+B", "+C", ""].join(
        "\n",
      ),
    );
    expect(unifiedDiff("a", "a")).to.equal("");
  });
});

describe("a volume", () => {
  const volume = (source: object) => ({
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...source },
  });
  checkCases<PersistentVolume>(["v1", "PersistentVolume"], validateVolume, [
    [
      "needs what its kind needs",
      volume({ nfs: { server: "", path: "relative" } }),
      ["spec.nfs.server: Required value", 'spec.nfs.path: Invalid value: "relative": must be an absolute path'],
    ],
    [
      "of a driver has a handle, and secrets with their namespace",
      volume({ csi: { driver: "d", nodePublishSecretRef: { name: "s" } } }),
      ["spec.csi.volumeHandle: Required value", "spec.csi.nodePublishSecretRef.namespace: Required value"],
    ],
    [
      "of a node does not climb and says where it is",
      volume({ local: { path: "/a/../b" } }),
      [
        "spec.local.path: Invalid value: \"/a/../b\": must not contain '..'",
        "metadata.annotations: Required value: Local volume requires node affinity",
      ],
    ],
  ]);
});
