import type { flowcontrolV1, PriorityLevelConfiguration } from "@tskube/api";
import { deepEqual, type FieldError, field, Path } from "@tskube/apimachinery";
import { mandatoryPriorityLevels } from "../../flow-control/bootstrap/mandatory-objects.ts";
import { requiredEntropyBits } from "../../flow-control/queueing/deal-hand.ts";
import { validateFlowConditions } from "./validate-conditions.ts";

const maxQueues = 10_000_000;
const maxEntropyBits = 60;
const specPath = Path.of("spec");

export function validatePriorityLevel({ metadata, spec, status }: PriorityLevelConfiguration): FieldError[] {
  return [
    ...specErrors(metadata.name, spec),
    ...mandatoryErrors(metadata.name, spec),
    ...validateFlowConditions(status?.conditions),
  ];
}

function specErrors(name: string, spec: flowcontrolV1.PriorityLevelConfigurationSpec): FieldError[] {
  const typePath = specPath.child("type");
  const errors: FieldError[] = [];
  if ((name === "exempt") !== (spec.type === "Exempt")) {
    errors.push(field.invalid(typePath, spec.type, "type must be 'Exempt' if and only if name is 'exempt'"));
  }
  if (spec.type === "Exempt") return [...errors, ...exemptErrors(spec)];
  if (spec.type === "Limited") return [...errors, ...limitedErrors(spec)];
  return [...errors, field.notSupported(typePath, spec.type, ["Exempt", "Limited"])];
}

function exemptErrors({ limited, exempt }: flowcontrolV1.PriorityLevelConfigurationSpec): FieldError[] {
  const errors = limited ? [field.forbidden(specPath.child("limited"), "must be nil if the type is not Limited")] : [];
  return exempt ? [...errors, ...shareErrors(exempt, specPath.child("exempt"))] : errors;
}

function limitedErrors({ limited, exempt }: flowcontrolV1.PriorityLevelConfigurationSpec): FieldError[] {
  const at = specPath.child("limited");
  const errors = exempt ? [field.forbidden(specPath.child("exempt"), "must be nil if the type is Limited")] : [];
  if (!limited) return [...errors, field.required(at, "must not be empty when type is Limited")];
  errors.push(...shareErrors(limited, at));
  errors.push(...responseErrors(limited.limitResponse, at.child("limitResponse")));
  const { borrowingLimitPercent: borrowing = 0 } = limited;
  if (borrowing >= 0) return errors;
  const detail = "if specified, must be a non-negative integer";
  return [...errors, field.invalid(at.child("borrowingLimitPercent"), borrowing, detail)];
}

function shareErrors(
  { nominalConcurrencyShares: shares = 0, lendablePercent = 0 }: flowcontrolV1.ExemptPriorityLevelConfiguration,
  at: Path,
): FieldError[] {
  const errors: FieldError[] = [];
  if (shares < 0) {
    errors.push(field.invalid(at.child("nominalConcurrencyShares"), shares, "must be a non-negative integer"));
  }
  if (lendablePercent < 0 || lendablePercent > 100) {
    errors.push(field.invalid(at.child("lendablePercent"), lendablePercent, "must be between 0 and 100, inclusive"));
  }
  return errors;
}

function responseErrors(response: flowcontrolV1.LimitResponse | undefined, at: Path): FieldError[] {
  const { type = "", queuing } = response ?? {};
  const queuingPath = at.child("queuing");
  if (type === "Reject") {
    const detail = "must be nil if limited.limitResponse.type is not Limited";
    return queuing ? [field.forbidden(queuingPath, detail)] : [];
  }
  if (type !== "Queue") return [field.notSupported(at.child("type"), type, ["Queue", "Reject"])];
  if (!queuing) return [field.required(queuingPath, "must not be empty if limited.limitResponse.type is Limited")];
  return queuingErrors(queuing, queuingPath);
}

function queuingErrors({ queues, handSize, queueLengthLimit }: flowcontrolV1.QueuingConfiguration, at: Path) {
  const errors: FieldError[] = [];
  const mustBePositive = (name: string, value: number) => {
    if (value <= 0) errors.push(field.invalid(at.child(name), value, "must be positive"));
    return value > 0;
  };
  mustBePositive("queueLengthLimit", queueLengthLimit);
  if (mustBePositive("queues", queues) && queues > maxQueues) {
    errors.push(field.invalid(at.child("queues"), queues, `must not be greater than ${maxQueues}`));
  }
  if (!mustBePositive("handSize", handSize)) return errors;
  const handPath = at.child("handSize");
  if (handSize > queues) {
    errors.push(field.invalid(handPath, handSize, `should not be greater than queues (${queues})`));
    return errors;
  }
  const bits = requiredEntropyBits(queues, handSize);
  if (bits > maxEntropyBits) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxEntropyBits}`;
    errors.push(field.invalid(handPath, handSize, detail));
  }
  return errors;
}

/** What everything falls back on may not be changed, but for what the exempt level lends. */
function mandatoryErrors(name: string, spec: flowcontrolV1.PriorityLevelConfigurationSpec): FieldError[] {
  const mandatory = mandatoryPriorityLevels.find((one) => one.metadata.name === name);
  if (!mandatory) return [];
  const isExempt = name === "exempt";
  const compared = isExempt ? { ...spec, exempt: mandatory.spec.exempt } : spec;
  if (deepEqual(mandatory.spec, compared)) return [];
  const except = isExempt ? " except the 'spec.exempt' field" : "";
  return [field.invalid(specPath, spec, `spec of '${name}'${except} must equal the fixed value`)];
}
