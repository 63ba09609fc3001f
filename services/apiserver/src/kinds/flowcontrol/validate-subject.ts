import type { flowcontrolV1 } from "@tskube/api";
import { dns1123LabelErrors, dns1123SubdomainErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalName } from "../field-rules.ts";

/** Subject kinds with the field that says more about each. */
const fields = { Group: "group", ServiceAccount: "serviceAccount", User: "user" } as const;
type SubjectKind = keyof typeof fields;
const kinds = Object.keys(fields) as readonly SubjectKind[];

export function validateSubject(subject: flowcontrolV1.Subject, at: Path): FieldError[] {
  const kind = kinds.find((one) => one === subject.kind);
  if (!kind) return [field.notSupported(at.child("kind"), subject.kind, kinds)];
  const errors = detailsErrors(subject, kind, at.child(fields[kind]));
  for (const other of kinds) {
    const name = fields[other];
    if (other === kind || subject[name] === undefined) continue;
    errors.push(field.forbidden(at.child(name), `${name} is forbidden when subject kind is not '${other}'`));
  }
  return errors;
}

function detailsErrors(subject: flowcontrolV1.Subject, kind: SubjectKind, at: Path): FieldError[] {
  const details = subject[fields[kind]];
  if (!details) return [field.required(at, `${fields[kind]} is required when subject kind is '${kind}'`)];
  if (kind === "ServiceAccount" && subject.serviceAccount) return serviceAccountErrors(subject.serviceAccount, at);
  return details.name ? [] : [field.required(at.child("name"))];
}

function serviceAccountErrors({ name, namespace }: flowcontrolV1.ServiceAccountSubject, at: Path): FieldError[] {
  const errors = name ? [] : [field.required(at.child("name"))];
  if (name !== "*") errors.push(...optionalName(name, dns1123SubdomainErrors, at.child("name")));
  const namespacePath = at.child("namespace");
  if (!namespace) return [...errors, field.required(namespacePath, "must specify namespace for service account")];
  return [...errors, ...optionalName(namespace, dns1123LabelErrors, namespacePath)];
}
