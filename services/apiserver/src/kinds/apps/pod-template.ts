import type { PodTemplateSpec } from "@tskube/api";
import {
  type FieldError,
  field,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  type Path,
  validateAnnotations,
  validateImmutable,
  validateLabelSelector,
  validateLabels,
} from "@tskube/apimachinery";
import { validatePodSpec } from "../core/pod/validate-pod-spec.ts";

/** What is wrong with a template of pods, whatever makes pods of it. */
export function validatePodTemplate(template: PodTemplateSpec | undefined, at: Path): FieldError[] {
  if (!template?.spec) return [field.required(at.child("spec", "containers"))];
  const errors = [
    ...validateLabels(template.metadata?.labels, at.child("labels")),
    ...validateAnnotations(template.metadata?.annotations, at.child("annotations")),
    ...validatePodSpec(template.spec, at.child("spec")),
  ];
  if (!template.spec.ephemeralContainers?.length) return errors;
  const detail = "ephemeral containers not allowed in pod template";
  return [...errors, field.forbidden(at.child("spec", "ephemeralContainers"), detail)];
}

/** A template whose pods run for ever; `kind` is whose pods they are. */
export function validateLastingTemplate(template: PodTemplateSpec | undefined, kind: string, at: Path): FieldError[] {
  const errors = validatePodTemplate(template, at);
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy && restartPolicy !== "Always") {
    errors.push(field.notSupported(at.child("spec", "restartPolicy"), restartPolicy, ["Always"]));
  }
  if (activeDeadlineSeconds !== undefined) {
    const path = at.child("spec", "activeDeadlineSeconds");
    errors.push(field.forbidden(path, `activeDeadlineSeconds in ${kind} is not Supported`));
  }
  return errors;
}

export interface Selecting {
  readonly selector?: unknown;
  readonly template?: PodTemplateSpec | undefined;
}

/** A selector that is there, valid, not empty, and matches the pods of the template. `kind` stands in the words as upstream has it. */
export function validateSelector({ selector, template }: Selecting, kind: string, specAt: Path): FieldError[] {
  const path = specAt.child("selector");
  if (!selector) return [field.required(path)];
  const like = selector as LabelSelectorLike;
  const errors = validateLabelSelector(like, path);
  const isEmpty = !Object.keys(like.matchLabels ?? {}).length && !like.matchExpressions?.length;
  if (isEmpty) errors.push(field.invalid(path, selector, `empty selector is invalid for ${kind}`));
  if (errors.length > 0) return errors;
  const labels = template?.metadata?.labels;
  return labelSelectorAsSelector(like).matches(labels) ? [] : [mismatch(labels, specAt)];
}

export function mismatch(labels: Readonly<Record<string, string>> | undefined, specAt: Path): FieldError {
  const path = specAt.child("template", "metadata", "labels");
  return field.invalid(path, labels ?? null, "`selector` does not match template `labels`");
}

export function selectorUnchanged(object: Selecting, old: Selecting, specAt: Path): FieldError[] {
  return validateImmutable(object.selector, old.selector, specAt.child("selector"));
}
