import type { PersistentVolumeClaim, StorageClass } from "@tskube/api";
import type { AdmissionDeps } from "../deps.ts";
import { objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { newestDefault } from "./newest-default.ts";

/** A claim that names no class gets the default one; an empty name asks for none. */
export function defaultStorageClass({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "DefaultStorageClass",
    handles: writesTo("persistentvolumeclaims", "CREATE"),
    admit(attributes) {
      const claim = objectOf<PersistentVolumeClaim>(attributes);
      const byAnnotation = claim.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"];
      if (claim.spec.storageClassName !== undefined || byAnnotation !== undefined) return;
      const found = newestDefault(
        objects.reader<StorageClass>({ group: "storage.k8s.io", resource: "storageclasses" }).list(),
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
      );
      if (found) claim.spec.storageClassName = found.metadata.name;
    },
  };
}
