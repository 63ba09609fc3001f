import type { apiextensionsV1 } from "@tskube/api";
import { dns1035LabelErrors, dns1123SubdomainErrors, type FieldError, field, type Path } from "@tskube/apimachinery";

type Names = apiextensionsV1.CustomResourceDefinitionNames;

export function groupErrors(group: string, at: Path): FieldError[] {
  if (!group) return [field.required(at)];
  const wrong = dns1123SubdomainErrors(group);
  if (wrong.length > 0) return [field.invalid(at, group, wrong.join(","))];
  return group.includes(".") ? [] : [field.invalid(at, group, "should be a domain with at least one dot")];
}

/** The names that a definition must have, beside being well formed. */
export function missingNames(names: Names, at: Path): FieldError[] {
  return (["plural", "singular", "kind", "listKind"] as const)
    .filter((name) => !names[name])
    .map((name) => field.required(at.child(name)));
}

export function nameFormErrors(names: Names, at: Path): FieldError[] {
  const label = (value: string | undefined, path: Path, shown = value, prefix = ""): FieldError[] => {
    const wrong = value ? dns1035LabelErrors(value) : [];
    return wrong.length > 0 ? [field.invalid(path, shown, prefix + wrong.join(","))] : [];
  };
  const mixed = "may have mixed case, but should otherwise match: ";
  const { plural, singular, kind, listKind, shortNames = [], categories = [] } = names;
  return [
    ...label(plural, at.child("plural")),
    ...label(singular, at.child("singular")),
    ...label(kind.toLowerCase(), at.child("kind"), kind, mixed),
    ...label(listKind?.toLowerCase(), at.child("listKind"), listKind, mixed),
    ...shortNames.flatMap((name, index) => label(name, at.child("shortNames").index(index))),
    ...(kind && kind === listKind
      ? [field.invalid(at.child("listKind"), listKind, "kind and listKind may not be the same")]
      : []),
    ...categories.flatMap((name, index) => label(name, at.child("categories").index(index))),
  ];
}
