import type { admissionregistrationV1, admissionregistrationV1beta1 } from "@tskube/api";
import type { Strategy } from "../../registry/strategy.ts";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import { bindingColumns, mutatingPolicyColumns, validatingPolicyColumns, webhookColumns } from "./columns.ts";
import {
  validateMutatingBinding,
  validateMutatingPolicy,
  validateMutatingPolicyUpdate,
} from "./validate-mutating-policy.ts";
import {
  validateValidatingBinding,
  validateValidatingPolicy,
  validateValidatingPolicyStatus,
  validateValidatingPolicyUpdate,
} from "./validate-validating-policy.ts";
import { validateWebhooks, validateWebhooksUpdate } from "./validate-webhooks.ts";

const webhooks: Strategy<
  admissionregistrationV1.ValidatingWebhookConfiguration | admissionregistrationV1.MutatingWebhookConfiguration
> = {
  hasGeneration: true,
  columns: webhookColumns,
  validate: validateWebhooks,
  validateUpdate: validateWebhooksUpdate,
};

const validatingPolicies: Strategy<admissionregistrationV1.ValidatingAdmissionPolicy> = {
  hasGeneration: true,
  columns: validatingPolicyColumns,
  validate: validateValidatingPolicy,
  validateUpdate: validateValidatingPolicyUpdate,
  status: { validateUpdate: validateValidatingPolicyStatus },
};

const validatingBindings: Strategy<admissionregistrationV1.ValidatingAdmissionPolicyBinding> = {
  hasGeneration: true,
  columns: bindingColumns,
  validate: validateValidatingBinding,
  validateUpdate: validateValidatingBinding,
};

const mutatingPolicies: Strategy<admissionregistrationV1beta1.MutatingAdmissionPolicy> = {
  hasGeneration: true,
  columns: mutatingPolicyColumns,
  validate: validateMutatingPolicy,
  validateUpdate: validateMutatingPolicyUpdate,
};

const mutatingBindings: Strategy<admissionregistrationV1beta1.MutatingAdmissionPolicyBinding> = {
  hasGeneration: true,
  columns: bindingColumns,
  validate: validateMutatingBinding,
  validateUpdate: validateMutatingBinding,
};

export const admissionRegistrationStrategies: StrategyList = {
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": strategyFor(webhooks),
  "validatingwebhookconfigurations.admissionregistration.k8s.io": strategyFor(webhooks),
  "validatingadmissionpolicies.admissionregistration.k8s.io": strategyFor(validatingPolicies),
  "validatingadmissionpolicybindings.admissionregistration.k8s.io": strategyFor(validatingBindings),
  "mutatingadmissionpolicies.admissionregistration.k8s.io": strategyFor(mutatingPolicies),
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io": strategyFor(mutatingBindings),
};
