import type { Job, JobTemplateSpec } from "@tskube/api";
import {
  deepEqual,
  dns1123LabelErrors,
  type FieldError,
  field,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  Path,
  validateImmutable,
} from "@tskube/apimachinery";
import { validatePodTemplate } from "../apps/pod-template.ts";
import { domainPathErrors, optionalNonNegative, optionalOneOf, optionalSelector } from "../field-rules.ts";
import { jobLabels } from "./job-labels.ts";
import { validateFailurePolicy } from "./pod-failure-policy.ts";
import { validateSuccessPolicy } from "./success-policy.ts";

type JobSpec = JobTemplateSpec["spec"];

const specPath = Path.of("spec");
const completionModes = ["NonIndexed", "Indexed"];
const maxIndexes = 100_000;
const manyIndexes = 10_000;
const maxManagerLength = 63;
const counts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;

export function validateJob(job: Job): FieldError[] {
  const { spec } = job;
  if (!spec) return [field.required(specPath.child("template"))];
  const errors = [...validateJobSpec(spec, specPath), ...hostnameErrors(job)];
  if (!spec.selector) return [...errors, field.required(specPath.child("selector"))];
  errors.push(...optionalSelector(spec.selector, specPath.child("selector")));
  if (errors.length > 0) return errors;
  if (!spec.manualSelector) errors.push(...generatedLabelErrors(job));
  const labels = spec.template.metadata?.labels;
  if (!labelSelectorAsSelector(spec.selector as LabelSelectorLike).matches(labels)) {
    const path = specPath.child("template", "metadata", "labels");
    errors.push(field.invalid(path, labels ?? null, "`selector` does not match template `labels`"));
  }
  return errors;
}

/** What is wrong with a job's spec, of its own or in a cron job's template, where it has no selector yet. */
export function validateJobSpec(spec: JobSpec, at: Path): FieldError[] {
  if (!spec) return [field.required(at.child("template"))];
  return [
    ...counts.flatMap((name) => optionalNonNegative(spec[name], at.child(name))),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [field.required(at.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified")]
      : []),
    ...managerErrors(spec.managedBy, at.child("managedBy")),
    ...optionalOneOf(spec.completionMode, completionModes, at.child("completionMode")),
    ...(spec.completionMode === "Indexed" ? indexedErrors(spec, at) : unindexedErrors(spec, at)),
    ...(spec.podFailurePolicy ? validateFailurePolicy(spec, at.child("podFailurePolicy")) : []),
    ...(spec.successPolicy ? validateSuccessPolicy(spec, at.child("successPolicy")) : []),
    ...replacementErrors(spec, at.child("podReplacementPolicy")),
    ...templateErrors(spec, at.child("template")),
  ];
}

function managerErrors(manager: string | undefined, at: Path): FieldError[] {
  if (manager === undefined) return [];
  const errors = domainPathErrors(manager, at);
  return manager.length > maxManagerLength ? [...errors, field.tooLong(at, maxManagerLength)] : errors;
}

function indexedErrors(spec: NonNullable<JobSpec>, at: Path): FieldError[] {
  const { completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes: failed } = spec;
  const errors: FieldError[] = [];
  const tooMuch = (name: "parallelism" | "maxFailedIndexes", detail: string) =>
    errors.push(field.invalid(at.child(name), spec[name], `must be less than or equal to ${detail}`));
  if (completions === undefined)
    errors.push(field.required(at.child("completions"), "when completion mode is Indexed"));
  if (parallelism > maxIndexes) tooMuch("parallelism", `${maxIndexes} when completion mode is Indexed`);
  if (failed !== undefined && completions !== undefined && failed > completions) {
    tooMuch("maxFailedIndexes", "completions");
  }
  if (failed !== undefined && failed > maxIndexes) tooMuch("maxFailedIndexes", String(maxIndexes));
  if ((completions ?? 0) <= maxIndexes || backoffLimitPerIndex === undefined) return errors;
  const above = `${manyIndexes} when completions are above ${maxIndexes} and used with backoff limit per index`;
  if (failed === undefined) {
    const detail = `must be specified when completions is above ${maxIndexes}`;
    errors.push(field.required(at.child("maxFailedIndexes"), detail));
  }
  if (parallelism > manyIndexes) tooMuch("parallelism", above);
  if (failed !== undefined && failed > manyIndexes) tooMuch("maxFailedIndexes", above);
  return errors;
}

function unindexedErrors({ backoffLimitPerIndex: limit }: NonNullable<JobSpec>, at: Path): FieldError[] {
  if (limit === undefined) return [];
  return [field.invalid(at.child("backoffLimitPerIndex"), limit, "requires indexed completion mode")];
}

/** A job that looks at how its pods fail cannot start others before it knows. */
function replacementErrors({ podReplacementPolicy, podFailurePolicy }: NonNullable<JobSpec>, at: Path): FieldError[] {
  return optionalOneOf(podReplacementPolicy, podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"], at);
}

/** Pods of a job end: one that is always started again never would. */
function templateErrors({ template, podFailurePolicy }: NonNullable<JobSpec>, at: Path): FieldError[] {
  const errors = validatePodTemplate(template, at);
  if (!template?.spec) return errors;
  const path = at.child("spec", "restartPolicy");
  const policy = template.spec.restartPolicy;
  if (!policy || policy === "Always") errors.push(field.required(path, 'valid values: "OnFailure", "Never"'));
  else if (podFailurePolicy && policy !== "Never") {
    errors.push(field.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
  return errors;
}

/** Pods of an indexed job are called after it and their index, which has to be a host's name. */
function hostnameErrors({ metadata, spec }: Job): FieldError[] {
  if (spec?.completionMode !== "Indexed" || !spec.completions) return [];
  const hostname = `${metadata.name}-${spec.completions - 1}`;
  if (dns1123LabelErrors(hostname).length === 0) return [];
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
  return [field.invalid(Path.of("metadata", "name"), metadata.name, detail)];
}

function generatedLabelErrors(job: Job): FieldError[] {
  const labels = job.spec?.template.metadata?.labels ?? {};
  return Object.entries(jobLabels(job)).flatMap(([name, wanted]) => {
    if (labels[name] === wanted) return [];
    const path = specPath.child("template", "metadata", "labels").key(name);
    const detail = `must be '${wanted}'`;
    return [labels[name] === undefined ? field.required(path, detail) : field.invalid(path, labels, detail)];
  });
}

const immutable = [
  "selector",
  "completionMode",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "managedBy",
  "successPolicy",
] as const;

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const [spec = {} as NonNullable<Job["spec"]>, before = {} as NonNullable<Job["spec"]>] = [job.spec, old.spec];
  const errors = validateJobSpec(spec, specPath);
  for (const name of immutable) errors.push(...validateImmutable(spec[name], before[name], specPath.child(name)));
  if (!scalesWithItsIndexes(spec, before)) {
    errors.push(...validateImmutable(spec.completions, before.completions, specPath.child("completions")));
  }
  const template = canMove(old) ? withPlacement(spec.template, before.template) : spec.template;
  if (!deepEqual(template, before.template)) {
    errors.push(...validateImmutable(spec.template, before.template, specPath.child("template")));
  }
  return errors;
}

/** An indexed job with as many pods as completions may change both together. */
function scalesWithItsIndexes(spec: NonNullable<JobSpec>, before: NonNullable<JobSpec>): boolean {
  return (
    spec.completionMode === "Indexed" &&
    spec.completions === spec.parallelism &&
    before.completions === before.parallelism
  );
}

/** A job that waits and has never run may still be told where to run. */
function canMove({ spec, status }: Job): boolean {
  return spec?.suspend === true && status?.startTime === undefined;
}

type Template = NonNullable<JobSpec>["template"];

/** `template` with all that says where and how its pods are placed as it was before. */
function withPlacement(template: Template, before: Template): Template {
  const { nodeSelector, tolerations, schedulingGates, affinity } = before.spec ?? {};
  return {
    ...template,
    metadata: before.metadata,
    spec: template.spec && { ...template.spec, nodeSelector, tolerations, schedulingGates, affinity },
  };
}
