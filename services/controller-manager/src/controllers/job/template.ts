import type { Container, Job, Pod, PodSpec } from "@tskube/api";
import { randomSuffix } from "@tskube/apimachinery";
import type { Draft } from "@tskube/client";
import { controllerReference } from "../../objects/meta.ts";
import { podFromTemplate } from "../../pods/pod-control.ts";
import { indexFailureCountKey, indexKey, trackingFinalizer } from "./kinds.ts";

const indexEnvironment = "JOB_COMPLETION_INDEX";

/** A pod of the job, kept by a finalizer until its end is counted. */
export function jobPod(job: Job): Draft<Pod> {
  const draft = podFromTemplate(job.spec.template, job, controllerReference(job));
  const finalizers = [...(draft.metadata.finalizers ?? []), trackingFinalizer];
  return { ...draft, metadata: { ...draft.metadata, finalizers } };
}

/** The pod of one completion index, which finds its number in its labels, annotations, environment and host name. */
export function indexedPod(job: Job, index: number, failures: number): Draft<Pod> {
  const draft = jobPod(job);
  const { generateName: _, ...metadata } = draft.metadata;
  const hostname = `${job.metadata.name}-${index}`;
  return {
    metadata: {
      ...metadata,
      name: `${hostname}-${randomSuffix(5)}`,
      labels: { ...metadata.labels, [indexKey]: String(index) },
      annotations: {
        ...metadata.annotations,
        [indexKey]: String(index),
        ...(job.spec.backoffLimitPerIndex !== undefined && { [indexFailureCountKey]: String(failures) }),
      },
    },
    spec: { ...withIndex(draft.spec), hostname },
  };
}

function withIndex(spec: PodSpec): PodSpec {
  const fieldRef = { fieldPath: `metadata.labels['${indexKey}']` };
  const told = (container: Container): Container => {
    const env = container.env ?? [];
    if (env.some(({ name }) => name === indexEnvironment)) return container;
    return { ...container, env: [...env, { name: indexEnvironment, valueFrom: { fieldRef } }] };
  };
  return {
    ...spec,
    containers: spec.containers.map(told),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(told) }),
  };
}
