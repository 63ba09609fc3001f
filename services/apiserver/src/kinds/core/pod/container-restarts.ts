import type { Container, ContainerRestartRule } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { oneOf, optionalOneOf } from "../../field-rules.ts";

const policies = ["Always", "Never", "OnFailure"];
const operators = ["In", "NotIn"];
const resizable = ["cpu", "memory"];
const resizePolicies = ["NotRequired", "RestartContainer"];
const maxRules = 20;
const maxExitCodes = 255;

/** When a container is started again by rules of its own, and whether a change of its resources does so. */
export function validateRestarts(container: Container, podPolicy: string | undefined, at: Path): FieldError[] {
  return [
    ...resizeErrors(container.resizePolicy ?? [], podPolicy, at.child("resizePolicy")),
    ...optionalOneOf(container.restartPolicy, policies, at.child("restartPolicy")),
    ...rulesErrors(container, at),
  ];
}

function rulesErrors({ restartPolicy, restartPolicyRules: rules = [] }: Container, at: Path): FieldError[] {
  const path = at.child("restartPolicyRules");
  if (rules.length === 0) return [];
  const errors: FieldError[] = [];
  if (restartPolicy === undefined) {
    errors.push(field.required(at.child("restartPolicy"), "must specify restartPolicy when restart rules are used"));
  }
  if (rules.length > maxRules) errors.push(field.tooMany(path, rules.length, maxRules));
  return [...errors, ...rules.flatMap((rule, index) => ruleErrors(rule, path.index(index)))];
}

function ruleErrors({ action, exitCodes }: ContainerRestartRule, at: Path): FieldError[] {
  const errors = oneOf(action, ["Restart"], at.child("action"));
  if (!exitCodes) return [...errors, field.required(at.child("exitCodes"), "must be specified")];
  const path = at.child("exitCodes");
  errors.push(...oneOf(exitCodes.operator, operators, path.child("operator")));
  const values = exitCodes.values ?? [];
  if (values.length === 0) errors.push(field.required(path.child("values")));
  if (values.length > maxExitCodes) errors.push(field.tooMany(path.child("values"), values.length, maxExitCodes));
  return errors;
}

function resizeErrors(
  rules: NonNullable<Container["resizePolicy"]>,
  podPolicy: string | undefined,
  at: Path,
): FieldError[] {
  const seen = new Set<string>();
  return rules.flatMap(({ resourceName, restartPolicy }, index) => {
    const errors: FieldError[] = [];
    if (seen.has(resourceName)) errors.push(field.duplicate(at.index(index), resourceName));
    seen.add(resourceName);
    errors.push(...oneOf(resourceName, resizable, at), ...oneOf(restartPolicy, resizePolicies, at));
    if (podPolicy === "Never" && restartPolicy !== "NotRequired") {
      errors.push(field.invalid(at, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}
