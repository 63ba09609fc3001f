import type { AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

/** Lets everything pass; what `AlwaysAdmit` has always done. */
export const alwaysAdmit: AdmissionPlugin = { name: "AlwaysAdmit", handles: () => false };

/** Refuses every write: for tests of clusters that must not change. */
export const alwaysDeny: AdmissionPlugin = {
  name: "AlwaysDeny",
  handles: () => true,
  admit(attributes) {
    throw refuse(attributes, "admission control is denying all modifications");
  },
};
