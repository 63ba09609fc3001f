import type { FlowSchema } from "@tskube/api";
import { deepEqual, dns1123SubdomainErrors, type FieldError, field, Path } from "@tskube/apimachinery";
import { mandatoryFlowSchemas } from "../../flow-control/bootstrap/mandatory-objects.ts";
import { optionalName, optionalOneOf } from "../field-rules.ts";
import { validateFlowConditions } from "./validate-conditions.ts";
import { validateFlowRule } from "./validate-flow-rules.ts";

const maxPrecedence = 10_000;
const methods = ["ByNamespace", "ByUser"];
const specPath = Path.of("spec");

export function validateFlowSchema({ metadata, spec, status }: FlowSchema): FieldError[] {
  const { name } = metadata;
  const { matchingPrecedence, distinguisherMethod, priorityLevelConfiguration, rules = [] } = spec;
  const levelPath = specPath.child("priorityLevelConfiguration", "name");
  const level = priorityLevelConfiguration?.name;
  const errors = [
    ...precedenceErrors(name, matchingPrecedence, specPath.child("matchingPrecedence")),
    ...optionalOneOf(distinguisherMethod?.type, methods, specPath.child("distinguisherMethod", "type")),
    ...(level
      ? optionalName(level, dns1123SubdomainErrors, levelPath)
      : [field.required(levelPath, "must reference a priority level")]),
    ...rules.flatMap((rule, i) => validateFlowRule(rule, specPath.child("rules").index(i))),
  ];
  const mandatory = mandatoryFlowSchemas.find((one) => one.metadata.name === name);
  if (mandatory && !deepEqual(mandatory.spec, spec)) {
    errors.push(field.invalid(specPath, spec, `spec of '${name}' must equal the fixed value`));
  }
  return [...errors, ...validateFlowConditions(status?.conditions)];
}

function precedenceErrors(name: string, precedence: number, at: Path): FieldError[] {
  const invalid = (detail: string) => [field.invalid(at, precedence, detail)];
  if (precedence <= 0) return invalid("must be a positive value");
  if (precedence > maxPrecedence) return invalid(`must not be greater than ${maxPrecedence}`);
  if (precedence !== 1 || name === "exempt") return [];
  return invalid("only the schema named 'exempt' may have matchingPrecedence 1");
}
