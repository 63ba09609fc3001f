import { anyOf, objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumeclaims: "kubernetes.io/pvc-protection",
  persistentvolumes: "kubernetes.io/pv-protection",
};

/** Claims and volumes in use outlive their deletion until nobody uses them; controllers take the finalizer away then. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  handles: anyOf(writesTo("persistentvolumeclaims", "CREATE"), writesTo("persistentvolumes", "CREATE")),
  admit(attributes) {
    const { metadata } = objectOf(attributes);
    const finalizer = finalizers[attributes.resource];
    if (!finalizer || metadata.finalizers?.includes(finalizer)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};
