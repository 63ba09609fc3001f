import type { KubeObject, PodTemplate, PodTemplateSpec } from "@tskube/api";
import { Path } from "@tskube/apimachinery";
import { podNameWarnings, templateWarnings } from "../core/pod/warnings.ts";

interface Lasting extends KubeObject {
  readonly spec?: { readonly template?: PodTemplateSpec | undefined } | undefined;
}

/** What is probably not meant in the template of an object that keeps pods. */
export function lastingWarnings({ spec }: Lasting): string[] {
  return templateWarnings(spec?.template, Path.of("spec", "template"));
}

/** The same where pods are called after the object, which is said once. */
export function namedWarnings(object: Lasting, old: Lasting | undefined): string[] {
  return [...(old ? [] : podNameWarnings(object.metadata)), ...lastingWarnings(object)];
}

export function templateObjectWarnings({ template }: PodTemplate): string[] {
  return templateWarnings(template, Path.of("template"));
}
