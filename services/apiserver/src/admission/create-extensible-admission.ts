import { Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { createWebhookClient } from "../webhook-client/index.ts";
import { noConfiguration } from "./configuration/admission-configuration.ts";
import { type Admission, createAdmission } from "./create-admission.ts";
import type { AdmissionDeps, AdmissionOptions } from "./deps.ts";
import type { MergeApplied } from "./policies/mutating/apply-configuration.ts";
import { mutatingPolicies } from "./policies/mutating/mutating-policies.ts";
import { findParamResourceIn } from "./policies/params.ts";
import { createPolicyMetrics } from "./policies/policy-metrics.ts";
import type { KindTypes } from "./policies/type-checking/check-policy.ts";
import { runTypeChecking } from "./policies/type-checking/run-type-checking.ts";
import { validatingPolicies } from "./policies/validating/validating-policies.ts";
import type { FindVersions } from "./served-version.ts";
import { mutatingWebhooks } from "./webhooks/mutating-webhooks.ts";
import { validatingWebhooks } from "./webhooks/validating-webhooks.ts";
import { webhookCredentials } from "./webhooks/webhook-credentials.ts";
import { createWebhookMetrics } from "./webhooks/webhook-metrics.ts";

export interface ExtensibleAdmissionDeps extends AdmissionDeps {
  readonly findVersions: FindVersions;
  readonly mergeApplied: MergeApplied;
  /** What policies' expressions are checked against. */
  readonly kindTypes: KindTypes;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random: () => number;
}

export interface ExtensibleAdmission extends Admission {
  /** Stops following configurations and closes connections to webhooks. */
  close(): Promise<void>;
}

const group = "admissionregistration.k8s.io";
const clientOptions = { userAgent: "kube-apiserver-admission", maxAnswerBytes: 8 * 1024 * 1024 };

/** All of admission, with what users add to it: webhooks and policies. */
export function createExtensibleAdmission(
  options: AdmissionOptions,
  deps: ExtensibleAdmissionDeps,
): ExtensibleAdmission {
  const closer = new Closer();
  const metrics = createWebhookMetrics(deps.metrics);
  const webhookDeps = (plugin: string) => {
    const credentials = webhookCredentials(options.configuration ?? noConfiguration, plugin);
    const client = createWebhookClient({ ...clientOptions, credentials }, deps);
    closer.add(() => client.close());
    return { ...deps, client, metrics };
  };
  const policyDeps = { ...deps, findParamResource: findParamResourceIn(deps.objects, deps.findResource) };
  // Not served unless the operator switches the version on.
  const hasMutatingPolicies = deps.findResource({ group, version: "v1beta1", kind: "MutatingAdmissionPolicy" });
  const provided = [
    ...(hasMutatingPolicies
      ? [mutatingPolicies({ ...policyDeps, metrics: createPolicyMetrics("mutating", deps.metrics) })]
      : []),
    mutatingWebhooks(webhookDeps("MutatingAdmissionWebhook")),
    validatingPolicies({ ...policyDeps, metrics: createPolicyMetrics("validating", deps.metrics) }),
    validatingWebhooks(webhookDeps("ValidatingAdmissionWebhook")),
  ];
  for (const plugin of provided) closer.add(() => plugin.close());
  closer.add(runTypeChecking({ objects: deps.objects, types: deps.kindTypes, logger: deps.logger }));
  return { ...createAdmission(options, deps, provided), close: () => closer.close() };
}
