import type { KubeObject, Namespace, Pod, PodTemplateSpec } from "@tskube/api";
import { deepEqual, field, invalid, Path } from "@tskube/apimachinery";
import { noConfiguration } from "../configuration/admission-configuration.ts";
import type { AdmissionDeps, AdmissionOptions } from "../deps.ts";
import { anyOf, objectOf, oldObjectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { type PodSecuritySettings, podSecuritySettings } from "./pod-security/configuration.ts";
import { describeViolations, violations } from "./pod-security/evaluate.ts";
import { type LevelVersion, modes, type Policy, policyOf, privilegedPolicy } from "./pod-security/levels.ts";

type PodLike = Pick<Pod, "metadata" | "spec">;

const workloads = anyOf(
  ...[
    "replicationcontrollers",
    "podtemplates",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
  ].map((what) => writesTo(what, "CREATE", "UPDATE")),
);
const pods = anyOf(writesTo("pods", "CREATE", "UPDATE"), writesTo("pods/ephemeralcontainers", "UPDATE"));
const namespaces = writesTo("namespaces", "CREATE", "UPDATE");

/** Holds pods to the Pod Security Standard that their namespace's labels name. Workloads only warn: what they make is judged as pods. */
export function podSecurity({ objects }: AdmissionDeps, options: AdmissionOptions = {}): AdmissionPlugin {
  const settings = podSecuritySettings(options.configuration ?? noConfiguration);
  const policyFor = (namespace: string): Policy => {
    const found = objects.reader<Namespace>({ group: "", resource: "namespaces" }).get("", namespace);
    return policyOf(found?.metadata.labels, settings.defaults).policy;
  };
  return {
    name: "PodSecurity",
    handles: anyOf(pods, workloads, namespaces),
    validate(attributes) {
      if (namespaces(attributes)) {
        const podsOf = (name: string) => objects.reader<Pod>({ group: "", resource: "pods" }).list(name);
        return validateNamespace(attributes, settings, podsOf);
      }
      const exemption = settings.exemption(attributes, runtimeClassOf(attributes));
      if (exemption) return attributes.annotate("pod-security.kubernetes.io/exempt", exemption);
      const policy = policyFor(attributes.namespace);
      if (pods(attributes)) validatePod(attributes, policy);
      else warnAboutTemplate(attributes, policy);
    },
  };
}

function runtimeClassOf(attributes: AdmissionAttributes): string | undefined {
  const spec = pods(attributes) ? objectOf<Pod>(attributes).spec : templateOf(attributes.object)?.spec;
  return spec?.runtimeClassName;
}

function validatePod(attributes: AdmissionAttributes, policy: Policy): void {
  const pod = objectOf<Pod>(attributes);
  const old = oldObjectOf<Pod>(attributes);
  if (old && !isSignificant(pod, old)) return;
  const found = violations(pod, policy.enforce);
  attributes.annotate("pod-security.kubernetes.io/enforce-policy", levelName(policy.enforce));
  if (found.length > 0) {
    throw refuse(attributes, `violates PodSecurity "${levelName(policy.enforce)}": ${describeViolations(found)}`);
  }
  tell(attributes, pod, policy);
}

/** Updates of what no rule reads, such as a label or finalizer, pass even where the pod is older than its namespace's policy. */
function isSignificant(pod: Pod, old: Pod): boolean {
  const read = ({ spec, metadata }: Pod) => ({
    ...spec,
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    appArmor: Object.entries(metadata.annotations ?? {}).filter(([key]) => key.includes("apparmor")),
  });
  return !deepEqual(read(pod), read(old));
}

function warnAboutTemplate(attributes: AdmissionAttributes, policy: Policy): void {
  const template = templateOf(attributes.object);
  const old = templateOf(attributes.oldObject);
  if (!template?.spec || (old && deepEqual(template, old))) return;
  tell(attributes, { metadata: { name: "", ...template.metadata }, spec: template.spec }, policy);
}

function templateOf(object: KubeObject | undefined): PodTemplateSpec | undefined {
  const holder = object as
    | {
        template?: PodTemplateSpec;
        spec?: { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } };
      }
    | undefined;
  return holder?.spec?.jobTemplate?.spec?.template ?? holder?.spec?.template ?? holder?.template;
}

/** Warnings to the user, notes for the audit log. */
function tell(attributes: AdmissionAttributes, pod: PodLike, policy: Policy): void {
  const would = (wanted: LevelVersion) => {
    const found = violations(pod, wanted);
    return found.length > 0 ? `would violate PodSecurity "${levelName(wanted)}": ${describeViolations(found)}` : "";
  };
  const audit = would(policy.audit);
  if (audit) attributes.annotate("pod-security.kubernetes.io/audit-violations", audit);
  const warning = would(policy.warn);
  if (warning) attributes.warn(warning);
}

/** Labels must make sense, and whoever tightens them hears which pods would not be let in any more. */
function validateNamespace(
  attributes: AdmissionAttributes,
  settings: PodSecuritySettings,
  podsOf: (namespace: string) => readonly Pod[],
): void {
  const namespace = objectOf<Namespace>(attributes);
  const { name, labels } = namespace.metadata;
  const { policy, errors } = policyOf(labels, settings.defaults);
  const old = attributes.oldObject ? policyOf(attributes.oldObject.metadata.labels, settings.defaults) : undefined;
  if (errors.length > 0 && (old?.errors.length ?? 0) === 0) {
    const path = Path.of("metadata", "labels");
    throw invalid(
      { group: "", kind: "Namespace" },
      name,
      errors.map(({ label, value, message }) => field.invalid(path.key(label), value, message)),
    );
  }
  if (settings.isExemptNamespace(name)) {
    warnAboutExemption(attributes, old?.policy, policy);
    return;
  }
  if (!old || deepEqual(old.policy.enforce, policy.enforce)) return;
  warnAboutExisting(attributes, policy.enforce, podsOf(name));
}

/** Labels of a namespace that is not judged promise what they do not keep. */
function warnAboutExemption(attributes: AdmissionAttributes, old: Policy | undefined, policy: Policy): void {
  if (deepEqual(old ?? privilegedPolicy, policy)) return;
  const parts = modes.map((mode) => `${mode}=${JSON.stringify(levelName(policy[mode]))}`).join(", ");
  attributes.warn(
    `namespace ${JSON.stringify(attributes.name)} is exempt from Pod Security, and the policy (${parts}) will be ignored`,
  );
}

/** So many pods are looked at; a namespace may hold more than an answer should wait for. */
const maxExistingPods = 3000;

function warnAboutExisting(attributes: AdmissionAttributes, enforce: LevelVersion, existing: readonly Pod[]): void {
  const podsByProblem = new Map<string, string[]>();
  for (const pod of existing.slice(0, maxExistingPods)) {
    const found = violations(pod, enforce);
    if (found.length === 0) continue;
    const problem = found.map(({ reason }) => reason).join(", ");
    podsByProblem.set(problem, [...(podsByProblem.get(problem) ?? []), pod.metadata.name]);
  }
  if (existing.length > maxExistingPods) {
    const range = `the first ${maxExistingPods} of ${existing.length} existing pods`;
    attributes.warn(`new PodSecurity enforce level only checked against ${range}`);
  }
  if (podsByProblem.size === 0) return;
  attributes.warn(
    `existing pods in namespace "${attributes.name}" violate the new PodSecurity enforce level "${levelName(enforce)}"`,
  );
  for (const [problem, names] of podsByProblem) {
    const [first, ...others] = names.sort();
    const more = others.length === 0 ? "" : ` (and ${others.length} other pod${others.length === 1 ? "" : "s"})`;
    attributes.warn(`${first}${more}: ${problem}`);
  }
}

function levelName({ level, version }: LevelVersion): string {
  return `${level}:${version}`;
}
