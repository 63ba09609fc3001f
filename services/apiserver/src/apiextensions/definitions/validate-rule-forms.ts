import type { apiextensionsV1 } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { findField } from "../cel/field-path.ts";
import type { Schema } from "../schema/structure.ts";

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/** What is wrong with the rules of a node beside their expressions. */
export function ruleFormErrors(schema: Schema, at: Path): FieldError[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => {
    const path = at.child("x-kubernetes-validations").index(index);
    return [...textErrors(rule, path), ...fieldPathErrors(rule, schema, path.child("fieldPath"))];
  });
}

function textErrors(
  { rule, message = "", messageExpression = "", reason }: apiextensionsV1.ValidationRule,
  at: Path,
): FieldError[] {
  const errors: FieldError[] = [];
  const [text, said] = [rule.trim(), message.trim()];
  const path = at.child("message");
  if (text === "") errors.push(field.required(at.child("rule"), "rule is not specified"));
  else if (message !== "" && said === "") {
    errors.push(field.invalid(path, message, "message must be non-empty if specified"));
  } else if (hasLineBreak(said)) errors.push(field.invalid(path, message, "message must not contain line breaks"));
  else if (hasLineBreak(text) && said === "") {
    errors.push(field.required(path, "message must be specified if rule contains line breaks"));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    const detail = "messageExpression must be non-empty if specified";
    errors.push(field.required(at.child("messageExpression"), detail));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(field.notSupported(at.child("reason"), reason, reasons));
  }
  return errors;
}

function fieldPathErrors({ fieldPath = "" }: apiextensionsV1.ValidationRule, schema: Schema, at: Path): FieldError[] {
  if (fieldPath === "") return [];
  const errors: FieldError[] = [];
  if (fieldPath.trim() === "") errors.push(field.invalid(at, fieldPath, "fieldPath must be non-empty if specified"));
  if (hasLineBreak(fieldPath)) errors.push(field.invalid(at, fieldPath, "fieldPath must not contain line breaks"));
  try {
    findField(fieldPath, schema);
  } catch {
    errors.push(field.invalid(at, fieldPath, "fieldPath must be a valid path"));
  }
  return errors;
}

function hasLineBreak(text: string): boolean {
  return /[\n\r]/.test(text);
}
