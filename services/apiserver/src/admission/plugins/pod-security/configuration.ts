import { listOf, objectOf, text } from "../../../configuration/shape.ts";
import { type AdmissionConfiguration, pluginConfiguration } from "../../configuration/admission-configuration.ts";
import type { AdmissionAttributes } from "../../plugin.ts";
import { type LabelError, levelVersion, type Policy } from "./levels.ts";

const plugin = "PodSecurity";
const kind = {
  apiVersions: ["v1alpha1", "v1beta1", "v1"].map((version) => `pod-security.admission.config.k8s.io/${version}`),
  kind: "PodSecurityConfiguration",
  fields: {
    defaults: objectOf({
      enforce: text,
      "enforce-version": text,
      audit: text,
      "audit-version": text,
      warn: text,
      "warn-version": text,
    }),
    exemptions: objectOf({ usernames: listOf(text), namespaces: listOf(text), runtimeClasses: listOf(text) }),
  },
};

/** What the configuration says about all namespaces. */
export interface PodSecuritySettings {
  readonly defaults: Policy;
  /** Why a write is not judged; undefined when it is. */
  exemption(
    attributes: Pick<AdmissionAttributes, "user" | "namespace">,
    runtimeClass: string | undefined,
  ): Exemption | undefined;
  isExemptNamespace(name: string): boolean;
}

export type Exemption = "user" | "namespace" | "runtimeClass";

/** Throws for levels and versions that there are not. */
export function podSecuritySettings(configuration: AdmissionConfiguration): PodSecuritySettings {
  const { defaults, exemptions } = pluginConfiguration(configuration, plugin, kind) ?? {};
  const errors: LabelError[] = [];
  const policy = {
    enforce: levelVersion(defaults?.enforce ?? "", defaults?.["enforce-version"] ?? "", errors, "enforce"),
    audit: levelVersion(defaults?.audit ?? "", defaults?.["audit-version"] ?? "", errors, "audit"),
    warn: levelVersion(defaults?.warn ?? "", defaults?.["warn-version"] ?? "", errors, "warn"),
  };
  const [wrong] = errors;
  if (wrong) {
    const what = `defaults.${wrong.label}: Invalid value: ${JSON.stringify(wrong.value)}: ${wrong.message}`;
    throw new Error(`couldn't init admission plugin ${JSON.stringify(plugin)}: ${what}`);
  }
  const [users, namespaces, classes] = [exemptions?.usernames, exemptions?.namespaces, exemptions?.runtimeClasses].map(
    (names) => new Set(names),
  );
  return {
    defaults: policy,
    isExemptNamespace: (name) => namespaces?.has(name) === true,
    exemption({ user, namespace }, runtimeClass) {
      if (namespaces?.has(namespace)) return "namespace";
      if (users?.has(user.name)) return "user";
      return runtimeClass !== undefined && classes?.has(runtimeClass) ? "runtimeClass" : undefined;
    },
  };
}
