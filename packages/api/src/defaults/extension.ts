import type {
  MatchResources,
  MutatingWebhook,
  Rule,
  ServiceReference,
  ValidatingAdmissionPolicySpec,
  ValidatingWebhook,
} from "../generated/admissionregistration.k8s.io/v1.ts";
import type { MutatingAdmissionPolicySpec } from "../generated/admissionregistration.k8s.io/v1beta1.ts";
import type { CustomResourceDefinition } from "../generated/apiextensions.k8s.io/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

const defaultServicePort = (service: ServiceReference) => {
  service.port ??= 443;
};

const defaultMatchResources = (match: MatchResources) => {
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
};

const defaultFailurePolicy = (spec: ValidatingAdmissionPolicySpec | MutatingAdmissionPolicySpec) => {
  spec.failurePolicy ??= "Fail";
};

export const extensionDefaults: DefaultsByType = {
  "admissionregistration.k8s.io/v1.ValidatingWebhook": defaultWebhook,
  "admissionregistration.k8s.io/v1.MutatingWebhook": (webhook: MutatingWebhook) => {
    defaultWebhook(webhook);
    webhook.reinvocationPolicy ??= "Never";
  },
  "admissionregistration.k8s.io/v1.Rule": (rule: Rule) => {
    rule.scope ??= "*";
  },
  "admissionregistration.k8s.io/v1.ServiceReference": defaultServicePort,
  "admissionregistration.k8s.io/v1.MatchResources": defaultMatchResources,
  "admissionregistration.k8s.io/v1beta1.MatchResources": defaultMatchResources,
  "admissionregistration.k8s.io/v1alpha1.MatchResources": defaultMatchResources,
  "admissionregistration.k8s.io/v1.ValidatingAdmissionPolicySpec": defaultFailurePolicy,
  "admissionregistration.k8s.io/v1beta1.MutatingAdmissionPolicySpec": defaultFailurePolicy,
  "admissionregistration.k8s.io/v1alpha1.MutatingAdmissionPolicySpec": defaultFailurePolicy,
  "apiextensions.k8s.io/v1.CustomResourceDefinition": defaultCustomResourceDefinition,
  "apiextensions.k8s.io/v1.ServiceReference": defaultServicePort,
  "apiregistration.k8s.io/v1.ServiceReference": defaultServicePort,
};

function defaultWebhook(webhook: ValidatingWebhook | MutatingWebhook): void {
  webhook.failurePolicy ??= "Fail";
  webhook.matchPolicy ??= "Equivalent";
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
}

function defaultCustomResourceDefinition(definition: CustomResourceDefinition): void {
  const { names, versions } = definition.spec;
  names.singular ||= names.kind.toLowerCase();
  if (names.kind) names.listKind ||= `${names.kind}List`;
  definition.spec.conversion ??= { strategy: "None" };
  const stored = versions.find((version) => version.storage);
  if (stored && definition.status && definition.status.storedVersions.length === 0) {
    definition.status.storedVersions = [stored.name];
  }
}
