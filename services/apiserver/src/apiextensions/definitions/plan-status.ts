import type { apiextensionsV1 } from "@tskube/api";
import { aggregateMessage, deepEqual, Path } from "@tskube/apimachinery";
import { structuralErrors } from "../schema/structural-errors.ts";
import { apiApproval } from "./approval.ts";
import { type Condition, isTrue, type NewCondition, setCondition } from "./conditions.ts";
import { decideNames, type Rival } from "./names.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Status = NonNullable<Definition["status"]>;

const specVersions = Path.of("spec", "versions");

/** The status that a definition is to have beside the other definitions; the same object when nothing is to change. */
export function planStatus(definition: Definition, others: Iterable<Rival>, nowMs: number): Status {
  const old: Status = definition.status ?? {
    conditions: [],
    acceptedNames: { plural: "", kind: "" },
    storedVersions: [],
  };
  const { accepted, namesAccepted } = decideNames(definition, others);
  let conditions: readonly Condition[] = setCondition(old.conditions, namesAccepted, nowMs);
  conditions = setCondition(conditions, established(definition, namesAccepted.status === "True"), nowMs);
  const violation = structuralViolation(definition);
  conditions = violation
    ? setCondition(conditions, violation, nowMs)
    : conditions.filter(({ type }) => type !== "NonStructuralSchema");
  const approval = apiApproval(definition);
  if (approval) conditions = setCondition(conditions, approval, nowMs);
  const next: Status = { ...old, conditions: [...conditions], acceptedNames: accepted };
  return deepEqual(next, old) ? old : next;
}

/** Once established, a definition stays so: objects may exist. */
function established(definition: Definition, isAccepted: boolean): NewCondition {
  if (isAccepted || isTrue(definition, "Established")) {
    const message = "the initial names have been accepted";
    return { type: "Established", status: "True", reason: "InitialNamesAccepted", message };
  }
  return { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" };
}

/** What validation lets in is structural. Only definitions from before that was asked for can be others. */
function structuralViolation(definition: Definition): NewCondition | undefined {
  const { spec } = definition;
  if (spec.preserveUnknownFields) {
    const message = "spec.preserveUnknownFields: Invalid value: true: must be false";
    return { type: "NonStructuralSchema", status: "True", reason: "Violations", message };
  }
  if (!isTrue(definition, "NonStructuralSchema")) return undefined;
  const errors = spec.versions.flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema
      ? structuralErrors(schema.openAPIV3Schema, specVersions.index(index).child("schema", "openAPIV3Schema"))
      : [],
  );
  if (errors.length === 0) return undefined;
  const message = aggregateMessage(errors);
  return { type: "NonStructuralSchema", status: "True", reason: "Violations", message };
}
