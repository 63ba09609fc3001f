import type { Toleration } from "@tskube/api";
import { type FieldError, field, labelValueErrors, type Path, qualifiedNameErrors } from "@tskube/apimachinery";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const operators = ["Equal", "Exists"];

export function validateTolerations(tolerations: readonly Toleration[], at: Path): FieldError[] {
  return tolerations.flatMap((toleration, index) => validateToleration(toleration, at.index(index)));
}

function validateToleration({ key, operator, value, effect, tolerationSeconds }: Toleration, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (key) errors.push(...qualifiedNameErrors(key).map((message) => field.invalid(at.child("key"), key, message)));
  if (!key && operator !== "Exists") {
    errors.push(
      field.invalid(
        at.child("operator"),
        operator ?? "",
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    errors.push(
      field.invalid(at.child("effect"), effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    );
  }
  if (operator === "Exists") {
    if (value) {
      errors.push(field.invalid(at.child("operator"), operator, "value must be empty when `operator` is 'Exists'"));
    }
  } else if (!operator || operator === "Equal") {
    const messages = labelValueErrors(value ?? "");
    errors.push(...messages.map((message) => field.invalid(at.child("operator"), value ?? "", message)));
  } else {
    errors.push(field.notSupported(at.child("operator"), operator, operators));
  }
  if (effect && !effects.includes(effect)) errors.push(field.notSupported(at.child("effect"), effect, effects));
  return errors;
}
