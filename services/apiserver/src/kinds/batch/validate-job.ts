import type { Job, JobTemplateSpec } from "@tskube/api";
import {
  deepEqual,
  type FieldError,
  field,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  Path,
  validateImmutable,
  validateLabels,
} from "@tskube/apimachinery";
import { validatePodSpec } from "../core/pod/validate-pod-spec.ts";
import { oneOf, optionalNonNegative, optionalSelector } from "../field-rules.ts";
import { jobLabels } from "./job-labels.ts";

type JobSpec = JobTemplateSpec["spec"];

const specPath = Path.of("spec");
const completionModes = ["Indexed", "NonIndexed"];
const maxIndexedParallelism = 100_000;
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
  const errors = validateJobSpec(spec, specPath);
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
    ...indexErrors(spec, at),
    ...(spec.completionMode === undefined
      ? []
      : oneOf(spec.completionMode, completionModes, at.child("completionMode"))),
    ...templateErrors(spec, at.child("template")),
  ];
}

function indexErrors(spec: NonNullable<JobSpec>, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const { completionMode, completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completionMode === "Indexed") {
    if (completions === undefined) {
      errors.push(field.required(at.child("completions"), "when completion mode is Indexed"));
    }
    if (parallelism > maxIndexedParallelism) {
      const detail = `must be less than or equal to ${maxIndexedParallelism} when completion mode is Indexed`;
      errors.push(field.invalid(at.child("parallelism"), parallelism, detail));
    }
  } else if (backoffLimitPerIndex !== undefined) {
    const detail = "requires indexed completion mode";
    errors.push(field.invalid(at.child("backoffLimitPerIndex"), backoffLimitPerIndex, detail));
  }
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(field.required(at.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
  }
  return errors;
}

/** Pods of a job end: one that is always started again never would. */
function templateErrors({ template, podFailurePolicy }: NonNullable<JobSpec>, at: Path): FieldError[] {
  if (!template?.spec) return [field.required(at.child("spec", "containers"))];
  const errors = validateLabels(template.metadata?.labels, at.child("metadata", "labels"));
  errors.push(...validatePodSpec(template.spec, at.child("spec")));
  const path = at.child("spec", "restartPolicy");
  const policy = template.spec.restartPolicy;
  if (!policy || policy === "Always") errors.push(field.required(path, 'valid values: "OnFailure", "Never"'));
  else if (podFailurePolicy && policy !== "Never") {
    errors.push(field.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
  return errors;
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
