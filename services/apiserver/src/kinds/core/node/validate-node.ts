import type { Node, Taint } from "@tskube/api";
import {
  cidrErrors,
  deepEqual,
  type FieldError,
  field,
  labelValueErrors,
  Path,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { oneOf, optionalName } from "../../field-rules.ts";

const specPath = Path.of("spec");
const effects = ["NoExecute", "NoSchedule", "PreferNoSchedule"];

export function validateNode({ spec = {} }: Node): FieldError[] {
  const ranges = spec.podCIDRs ?? [];
  const rangesAt = specPath.child("podCIDRs");
  return [
    ...taintErrors(spec.taints ?? [], specPath.child("taints")),
    ...ranges.flatMap((range, index) => optionalName(range, cidrErrors, rangesAt.index(index))),
    ...(ranges.length > 2
      ? [field.invalid(rangesAt, ranges, "may specify no more than one CIDR for each IP family")]
      : []),
  ];
}

function taintErrors(taints: readonly Taint[], at: Path): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const path = at.index(index);
    const key = taint.key
      ? optionalName(taint.key, qualifiedNameErrors, path.child("key"))
      : [field.required(path.child("key"))];
    const errors = [
      ...key,
      ...optionalName(taint.value, labelValueErrors, path.child("value")),
      ...oneOf(taint.effect, effects, path.child("effect")),
    ];
    const pair = `${taint.key}:${taint.effect}`;
    if (seen.has(pair))
      errors.push({ ...field.duplicate(path, taint), detail: "taints must be unique by key and effect pair" });
    seen.add(pair);
    return errors;
  });
}

/** What says where a node is and which addresses its pods have is settled once. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateNode(node);
  const [spec = {}, before = {}] = [node.spec, old.spec];
  if (before.podCIDRs?.length && !deepEqual(spec.podCIDRs, before.podCIDRs)) {
    const detail = 'node updates may not change podCIDR except from "" to valid';
    errors.push(field.forbidden(specPath.child("podCIDRs"), detail));
  }
  if (before.providerID && spec.providerID !== before.providerID) {
    const detail = 'node updates may not change providerID except from "" to valid';
    errors.push(field.forbidden(specPath.child("providerID"), detail));
  }
  return errors;
}
