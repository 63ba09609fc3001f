import type { Affinity, NodeSelectorTerm, PodAffinityTerm, PodSpec, TopologySpreadConstraint } from "@tskube/api";
import { dns1123LabelErrors, type FieldError, field, type Path, qualifiedNameErrors } from "@tskube/apimachinery";
import { optionalName, optionalOneOf, optionalSelector } from "../../field-rules.ts";

type Requirement = NonNullable<NodeSelectorTerm["matchExpressions"]>[number];

const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
const reactions = ["DoNotSchedule", "ScheduleAnyway"];
const inclusions = ["Honor", "Ignore"];

/** Where a pod wants to run: near or far from what. */
export function validatePlacement({ affinity = {}, topologySpreadConstraints = [] }: PodSpec, at: Path): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  const path = at.child("affinity");
  return [
    ...(nodeAffinity ? nodeAffinityErrors(nodeAffinity, path.child("nodeAffinity")) : []),
    ...(podAffinity ? podAffinityErrors(podAffinity, path.child("podAffinity")) : []),
    ...(podAntiAffinity ? podAffinityErrors(podAntiAffinity, path.child("podAntiAffinity")) : []),
    ...spreadErrors(topologySpreadConstraints, at.child("topologySpreadConstraints")),
  ];
}

function nodeAffinityErrors(affinity: NonNullable<Affinity["nodeAffinity"]>, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const terms = affinity[required]?.nodeSelectorTerms;
  const termsAt = at.child(required, "nodeSelectorTerms");
  if (terms?.length === 0) errors.push(field.required(termsAt, "must have at least one node selector term"));
  for (const [index, term] of (terms ?? []).entries()) errors.push(...nodeTermErrors(term, termsAt.index(index)));
  for (const [index, { weight, preference }] of (affinity[preferred] ?? []).entries()) {
    const path = at.child(preferred).index(index);
    errors.push(...weightErrors(weight, path), ...nodeTermErrors(preference, path.child("preference")));
  }
  return errors;
}

function weightErrors(weight: number, at: Path): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [field.invalid(at.child("weight"), weight, "must be in the range 1-100")];
}

function nodeTermErrors({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, at: Path): FieldError[] {
  return [
    ...matchExpressions.flatMap((one, index) => {
      const path = at.child("matchExpressions").index(index);
      return [...requirementErrors(one, path), ...optionalName(one.key, qualifiedNameErrors, path.child("key"))];
    }),
    ...matchFields.flatMap(({ key }, index) => {
      if (key === "metadata.name") return [];
      return [field.invalid(at.child("matchFields").index(index).child("key"), key, "not a valid field selector key")];
    }),
  ];
}

function requirementErrors({ operator, values = [] }: Requirement, at: Path): FieldError[] {
  const path = at.child("values");
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length > 0) return [];
      return [field.required(path, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return [];
      return [field.forbidden(path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case "Gt":
    case "Lt":
      if (values.length === 1) return [];
      return [field.required(path, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [field.invalid(at.child("operator"), operator, "not a valid selector operator")];
  }
}

function podAffinityErrors(affinity: NonNullable<Affinity["podAffinity"]>, at: Path): FieldError[] {
  return [
    ...(affinity[required] ?? []).flatMap((term, index) => podTermErrors(term, at.child(required).index(index))),
    ...(affinity[preferred] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
      const path = at.child(preferred).index(index);
      return [...weightErrors(weight, path), ...podTermErrors(podAffinityTerm, path.child("podAffinityTerm"))];
    }),
  ];
}

function podTermErrors(term: PodAffinityTerm, at: Path): FieldError[] {
  const { topologyKey, labelSelector, namespaceSelector, namespaces = [] } = term;
  return [
    ...optionalSelector(labelSelector, at.child("labelSelector")),
    ...optionalSelector(namespaceSelector, at.child("namespaceSelector")),
    ...namespaces.flatMap((name, index) => optionalName(name, dns1123LabelErrors, at.child("namespaces").index(index))),
    ...topologyKeyErrors(topologyKey, at.child("topologyKey")),
  ];
}

function topologyKeyErrors(key: string, at: Path): FieldError[] {
  return key ? optionalName(key, qualifiedNameErrors, at) : [field.required(at, "can not be empty")];
}

function spreadErrors(constraints: readonly TopologySpreadConstraint[], at: Path): FieldError[] {
  const seen = new Set<string>();
  return constraints.flatMap((constraint, index) => {
    const path = at.index(index);
    const { topologyKey, whenUnsatisfiable } = constraint;
    const errors = constraintErrors(constraint, path);
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(field.duplicate(path.child("{topologyKey, whenUnsatisfiable}"), pair));
    seen.add(pair);
    return errors;
  });
}

function constraintErrors(constraint: TopologySpreadConstraint, at: Path): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
  const errors: FieldError[] = [];
  if (maxSkew <= 0) errors.push(field.invalid(at.child("maxSkew"), maxSkew, "must be greater than zero"));
  errors.push(...topologyKeyErrors(topologyKey, at.child("topologyKey")));
  errors.push(...optionalOneOf(whenUnsatisfiable, reactions, at.child("whenUnsatisfiable")));
  if (minDomains !== undefined && minDomains <= 0) {
    errors.push(field.invalid(at.child("minDomains"), minDomains, "must be greater than zero"));
  }
  if (minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule") {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(field.invalid(at.child("minDomains"), minDomains, detail));
  }
  for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const) {
    errors.push(...optionalOneOf(constraint[name], inclusions, at.child(name)));
  }
  return [...errors, ...optionalSelector(constraint.labelSelector, at.child("labelSelector"))];
}
