import { type Check, containersOf, containersWith, named, violationIf } from "./check.ts";

const confined = new Set(["RuntimeDefault", "Localhost"]);
const wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';

/** Nobody may switch seccomp off. */
export const seccompBaseline: Check = {
  id: "seccompProfile_baseline",
  level: "baseline",
  run({ spec }) {
    const isBad = (type: string | undefined) => type !== undefined && !confined.has(type);
    const names = containersWith(spec, (security) => isBad(security.seccompProfile?.type));
    const isPodBad = isBad(spec.securityContext?.seccompProfile?.type);
    const who = [...(isPodBad ? ["pod"] : []), ...(names.length > 0 ? [named("container", names)] : [])].join(" and ");
    return violationIf(
      who !== "",
      "seccompProfile",
      () => `${who} must not set securityContext.seccompProfile.type to "Unconfined"`,
    );
  },
};

/** Everybody has to switch it on, the pod for all or each container. */
export const seccompRestricted: Check = {
  id: "seccompProfile_restricted",
  level: "restricted",
  since: 19,
  overrides: "seccompProfile_baseline",
  run({ spec }) {
    const podType = spec.securityContext?.seccompProfile?.type;
    const typed = containersOf(spec).map(({ name, securityContext }) => ({
      name,
      type: securityContext?.seccompProfile?.type,
    }));
    const explicitlyBad = typed.filter(({ type }) => type !== undefined && !confined.has(type)).map(({ name }) => name);
    if (podType !== undefined && !confined.has(podType)) {
      const who = ["pod", ...(explicitlyBad.length > 0 ? [named("container", explicitlyBad)] : [])].join(" and ");
      return {
        reason: "seccompProfile",
        detail: `${who} must not set securityContext.seccompProfile.type to "Unconfined"`,
      };
    }
    if (explicitlyBad.length > 0) {
      const detail = `${named("container", explicitlyBad)} must not set securityContext.seccompProfile.type to "Unconfined"`;
      return { reason: "seccompProfile", detail };
    }
    const silent = podType === undefined ? typed.filter(({ type }) => type === undefined).map(({ name }) => name) : [];
    return violationIf(silent.length > 0, "seccompProfile", () => `pod or ${named("container", silent)} ${wanted}`);
  },
};
