import type { Service } from "@tskube/api";
import { objectOf, oldObjectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

/** Whoever names an external address gets the traffic to it: with this on, services cannot gain any. */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: "DenyServiceExternalIPs",
  handles: writesTo("services", "CREATE", "UPDATE"),
  validate(attributes) {
    const before = new Set(oldObjectOf<Service>(attributes)?.spec?.externalIPs ?? []);
    const gained = (objectOf<Service>(attributes).spec?.externalIPs ?? []).some((address) => !before.has(address));
    if (gained) throw refuse(attributes, "Use of external IPs is denied by admission control");
  },
};
