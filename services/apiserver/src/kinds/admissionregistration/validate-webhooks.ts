import type { admissionregistrationV1 } from "@tskube/api";
import {
  deepEqual,
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  Path,
} from "@tskube/apimachinery";
import { admissionEnvironment } from "../../admission/cel/environment.ts";
import { clientConfigErrors } from "../../webhook-client/index.ts";
import { optionalOneOf, optionalSelector } from "../field-rules.ts";
import { matchConditionErrors, matchPolicies } from "./validate-match.ts";
import { ruleErrors } from "./validate-rules.ts";

type Webhook = admissionregistrationV1.ValidatingWebhook &
  Pick<admissionregistrationV1.MutatingWebhook, "reinvocationPolicy">;
interface Configuration {
  readonly webhooks?: readonly Webhook[] | undefined;
}

/** What is asked of new configurations, and of old ones only if they have met it so far. */
interface Demands {
  readonly knownReviewVersions: boolean;
  readonly noSideEffects: boolean;
  readonly uniqueNames: boolean;
  readonly validSelectors: boolean;
  readonly validConditions: boolean;
}

const everything: Demands = {
  knownReviewVersions: true,
  noSideEffects: true,
  uniqueNames: true,
  validSelectors: true,
  validConditions: true,
};

const at = Path.of("webhooks");

export function validateWebhooks(configuration: Configuration): FieldError[] {
  return webhooksErrors(configuration.webhooks ?? [], everything);
}

export function validateWebhooksUpdate(configuration: Configuration, old: Configuration): FieldError[] {
  const [webhooks, before] = [configuration.webhooks ?? [], old.webhooks ?? []];
  return webhooksErrors(webhooks, {
    knownReviewVersions: before.every(
      ({ admissionReviewVersions: versions = [] }) => versions.length === 0 || versions.some(isSpoken),
    ),
    noSideEffects: before.every(({ sideEffects }) => harmless.includes(sideEffects ?? "")),
    uniqueNames: new Set(before.map(({ name }) => name)).size === before.length,
    validSelectors: before.every((webhook) => selectorErrors(webhook, at).length === 0),
    validConditions: !hasSameConditions(webhooks, before),
  });
}

function hasSameConditions(webhooks: readonly Webhook[], before: readonly Webhook[]): boolean {
  return (
    webhooks.length === before.length &&
    webhooks.every(({ matchConditions }, index) => deepEqual(matchConditions, before[index]?.matchConditions))
  );
}

function webhooksErrors(webhooks: readonly Webhook[], demands: Demands): FieldError[] {
  const seen = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const path = at.index(index);
    const isRepeated = demands.uniqueNames && webhook.name !== "" && seen.has(webhook.name);
    seen.add(webhook.name);
    return [
      ...webhookErrors(webhook, demands, path),
      ...reviewVersionErrors(webhook.admissionReviewVersions ?? [], demands, path.child("admissionReviewVersions")),
      ...(isRepeated ? [field.duplicate(path.child("name"), webhook.name)] : []),
    ];
  });
}

const failurePolicies = ["Fail", "Ignore"];
const harmless = ["None", "NoneOnDryRun"];
const allSideEffects = ["None", "NoneOnDryRun", "Some", "Unknown"];
const reinvocationPolicies = ["IfNeeded", "Never"];

function webhookErrors(webhook: Webhook, demands: Demands, path: Path): FieldError[] {
  const { name, rules = [], failurePolicy, matchPolicy, timeoutSeconds, matchConditions = [] } = webhook;
  return [
    ...fullNameErrors(name, path.child("name")),
    ...rules.flatMap((rule, index) => ruleErrors(rule, path.child("rules").index(index))),
    ...optionalOneOf(failurePolicy, failurePolicies, path.child("failurePolicy")),
    ...optionalOneOf(matchPolicy, matchPolicies, path.child("matchPolicy")),
    ...sideEffectErrors(webhook.sideEffects, demands, path.child("sideEffects")),
    ...timeoutErrors(timeoutSeconds, path.child("timeoutSeconds")),
    ...(demands.validSelectors ? selectorErrors(webhook, path) : []),
    ...optionalOneOf(webhook.reinvocationPolicy, reinvocationPolicies, path.child("reinvocationPolicy")),
    ...clientConfigErrors(webhook.clientConfig ?? {}, path.child("clientConfig")),
    ...(demands.validConditions
      ? matchConditionErrors(matchConditions, admissionEnvironment(), path.child("matchConditions"))
      : []),
  ];
}

function fullNameErrors(name: string | undefined, path: Path): FieldError[] {
  if (!name) return [field.required(path)];
  const errors = dns1123SubdomainErrors(name).map((message) => field.invalid(path, name, message));
  if (errors.length === 0 && name.split(".").length < 3) {
    errors.push(field.invalid(path, name, "should be a domain with at least three segments separated by dots"));
  }
  return errors;
}

function sideEffectErrors(sideEffects: string | undefined, { noSideEffects }: Demands, path: Path): FieldError[] {
  const allowed = noSideEffects ? harmless : allSideEffects;
  if (sideEffects === undefined) return [field.required(path, `must specify one of ${allowed.join(", ")}`)];
  return optionalOneOf(sideEffects, allowed, path);
}

function timeoutErrors(seconds: number | undefined, path: Path): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= 30)) return [];
  return [field.invalid(path, seconds, "the timeout value must be between 1 and 30 seconds")];
}

function selectorErrors({ namespaceSelector, objectSelector }: Webhook, path: Path): FieldError[] {
  return [
    ...optionalSelector(namespaceSelector, path.child("namespaceSelector")),
    ...optionalSelector(objectSelector, path.child("objectSelector")),
  ];
}

const spoken = ["v1", "v1beta1"];
const isSpoken = (version: string) => spoken.includes(version);

function reviewVersionErrors(versions: readonly string[], { knownReviewVersions }: Demands, path: Path): FieldError[] {
  if (versions.length === 0) return [field.required(path, `must specify one of ${spoken.join(", ")}`)];
  const errors = versions.flatMap((version, index) =>
    versions.indexOf(version) < index
      ? [field.invalid(path.index(index), version, "duplicate version")]
      : dns1035LabelErrors(version).map((message) => field.invalid(path.index(index), version, message)),
  );
  if (knownReviewVersions && !versions.some(isSpoken)) {
    errors.push(field.invalid(path, versions, `must include at least one of ${spoken.join(", ")}`));
  }
  return errors;
}
