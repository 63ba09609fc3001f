import type { Container, ObjectMeta, Pod, PodSpec, PodTemplateSpec } from "@tskube/api";
import { dns1123LabelErrors, Path } from "@tskube/apimachinery";
import { byteWarnings } from "./byte-warnings.ts";
import { containerWarnings } from "./container-warnings.ts";
import { placementWarnings } from "./placement-warnings.ts";

/** Annotations whose meaning has moved into fields, by name or by the beginning of it. */
const oldAnnotations: readonly { readonly name: RegExp; readonly detail: string }[] = [
  {
    name: /^scheduler\.alpha\.kubernetes\.io\/critical-pod$/,
    detail: 'non-functional in v1.16+; use the "priorityClassName" field instead',
  },
  {
    name: /^(container\.)?seccomp\.security\.alpha\.kubernetes\.io\//,
    detail: 'non-functional in v1.27+; use the "seccompProfile" field instead',
  },
  {
    name: /^container\.apparmor\.security\.beta\.kubernetes\.io\//,
    detail: 'deprecated since v1.30; use the "appArmorProfile" field instead',
  },
  {
    name: /^security\.alpha\.kubernetes\.io\/(unsafe-)?sysctls$/,
    detail: 'non-functional in v1.11+; use the "sysctls" field instead',
  },
];

/** Kinds of volumes that work no more or soon will not. */
const oldVolumes: Readonly<Record<string, string>> = {
  gitRepo: "deprecated in v1.11",
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
};

/** What is allowed in a pod and probably not meant. */
export function podWarnings(pod: Pod, old?: Pod): string[] {
  const warnings = templateWarnings(pod as unknown as PodTemplateSpec, undefined);
  if (old) return warnings;
  const wrong = dns1123LabelErrors(pod.metadata.name);
  return wrong.length === 0 ? warnings : [hostnameWarning("the Pod's hostname", wrong), ...warnings];
}

/** That pods made by an object get names which are no hosts'. */
export function podNameWarnings({ name }: ObjectMeta): string[] {
  const wrong = dns1123LabelErrors(name);
  return wrong.length === 0 ? [] : [hostnameWarning("Pod names and hostnames", wrong)];
}

function hostnameWarning(use: string, wrong: readonly string[]): string {
  return `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(" ")}]`;
}

/** The same of a template that stands `at` some place; a pod's own fields stand at none. */
export function templateWarnings(template: PodTemplateSpec | undefined, at: Path | undefined): string[] {
  const { spec, metadata } = template ?? {};
  if (!spec) return [];
  const below = (...names: [string, ...string[]]) => (at ? at.child(...names) : Path.of(...names));
  const specAt = below("spec");
  return [
    ...annotationWarnings(metadata?.annotations, below("metadata", "annotations")),
    ...placementWarnings(spec, specAt),
    ...volumeWarnings(spec, specAt.child("volumes")),
    ...secretWarnings(spec, specAt.child("imagePullSecrets")),
    ...lists.flatMap((list) =>
      ((spec[list] ?? []) as readonly Container[]).flatMap((container, index) =>
        containerWarnings(container, specAt.child(list).index(index)),
      ),
    ),
    ...byteWarnings(spec.overhead, specAt.child("overhead")),
    ...graceWarnings(spec, specAt),
  ];
}

const lists = ["initContainers", "containers"] as const;

function annotationWarnings(annotations: Readonly<Record<string, string>> | undefined, at: Path): string[] {
  return Object.keys(annotations ?? {}).flatMap((key) =>
    oldAnnotations.filter(({ name }) => name.test(key)).map(({ detail }) => `${at.key(key)}: ${detail}`),
  );
}

function volumeWarnings({ volumes = [] }: PodSpec, at: Path): string[] {
  return volumes.flatMap((volume, index) =>
    Object.keys(volume).flatMap((kind) =>
      Object.hasOwn(oldVolumes, kind) ? [`${at.index(index).child(kind)}: ${oldVolumes[kind]}`] : [],
    ),
  );
}

function secretWarnings({ imagePullSecrets = [] }: PodSpec, at: Path): string[] {
  return imagePullSecrets.flatMap(({ name }, index) =>
    name ? [] : [`${at.index(index).child("name")}: invalid empty name ""`],
  );
}

function graceWarnings({ terminationGracePeriodSeconds: grace }: PodSpec, at: Path): string[] {
  if (grace === undefined || grace >= 0) return [];
  const path = at.child("terminationGracePeriodSeconds");
  return [`${path}: must be >= 0; negative values are invalid and will be treated as 1`];
}
