import {
  type Check,
  containersOf,
  isSparedAsWindows,
  named,
  type PodSpec,
  quoteAll,
  unique,
  type Violation,
  violationIf,
} from "./check.ts";

const confined = new Set(["RuntimeDefault", "Localhost"]);
/** The version from which pods say it in a field; before it they had annotations. */
const firstWithField = 19;
const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerAnnotationPrefix = "container.seccomp.security.alpha.kubernetes.io/";

/** Nobody may switch seccomp off. */
export const seccompBaseline: Check = {
  id: "seccompProfile_baseline",
  level: "baseline",
  run: ({ metadata, spec }, minor) =>
    minor < firstWithField ? badAnnotations(metadata.annotations ?? {}, spec) : badTypes(spec),
};

/** Everybody has to switch it on, the pod for all or each container. */
export const seccompRestricted: Check = {
  id: "seccompProfile_restricted",
  level: "restricted",
  since: firstWithField,
  overrides: "seccompProfile_baseline",
  run({ spec }, minor) {
    if (isSparedAsWindows(spec, minor)) return undefined;
    return badTypes(spec) ?? silence(spec);
  },
};

function badTypes(spec: PodSpec): Violation | undefined {
  const isBad = (type: string | undefined) => type !== undefined && !confined.has(type);
  const podType = spec.securityContext?.seccompProfile?.type;
  const containers = containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.seccompProfile?.type));
  const podTypes = podType !== undefined && isBad(podType) ? [podType] : [];
  const who = [
    ...podTypes.map(() => "pod"),
    ...(containers.length > 0
      ? [
          named(
            "container",
            containers.map(({ name }) => name),
          ),
        ]
      : []),
  ].join(" and ");
  const types = [...podTypes, ...containers.flatMap((each) => each.securityContext?.seccompProfile?.type ?? [])];
  return violationIf(
    who !== "",
    "seccompProfile",
    () => `${who} must not set securityContext.seccompProfile.type to ${quoteAll(unique(types))}`,
  );
}

function silence(spec: PodSpec): Violation | undefined {
  if (spec.securityContext?.seccompProfile) return undefined;
  const silent = containersOf(spec).filter(({ securityContext }) => !securityContext?.seccompProfile);
  return violationIf(silent.length > 0, "seccompProfile", () => {
    const names = silent.map(({ name }) => name);
    return `pod or ${named("container", names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  });
}

function badAnnotations(annotations: Readonly<Record<string, string>>, spec: PodSpec): Violation | undefined {
  const keys = [podAnnotation, ...containersOf(spec).map(({ name }) => `${containerAnnotationPrefix}${name}`)];
  const bad = unique(
    keys.flatMap((key) => {
      const value = annotations[key];
      return value === undefined || isConfining(value) ? [] : `${key}=${JSON.stringify(value)}`;
    }),
  );
  return violationIf(
    bad.length > 0,
    "seccompProfile",
    () => `forbidden annotation${bad.length === 1 ? "" : "s"} ${bad.join(", ")}`,
  );
}

function isConfining(value: string): boolean {
  return value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
}
