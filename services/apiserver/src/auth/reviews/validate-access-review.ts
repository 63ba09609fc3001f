import type {
  KubeObject,
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from "@tskube/api";
import { type FieldError, field, Path, qualifiedNameErrors } from "@tskube/apimachinery";

const spec = Path.of("spec");
const attributes = spec.child("resourceAttributes");

type What = Pick<SubjectAccessReviewSpec, "resourceAttributes" | "nonResourceAttributes">;
type Selector = NonNullable<NonNullable<What["resourceAttributes"]>["fieldSelector" | "labelSelector"]>;

export function validateSubjectAccess(review: SubjectAccessReview): FieldError[] {
  return [
    ...validateWhat(review.spec),
    ...validateSubject(review.spec),
    ...validateMetadata(review.metadata, "must be empty"),
  ];
}

export function validateSelfSubjectAccess(review: SelfSubjectAccessReview): FieldError[] {
  return [...validateWhat(review.spec), ...validateMetadata(review.metadata, "must be empty")];
}

export function validateLocalSubjectAccess(review: LocalSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = review.spec;
  const { namespace = "", ...metadata }: Partial<KubeObject["metadata"]> = review.metadata ?? {};
  const errors = [
    ...validateWhat(review.spec),
    ...validateSubject(review.spec),
    ...validateMetadata(metadata, "must be empty except for namespace"),
  ];
  if (resourceAttributes && (resourceAttributes.namespace ?? "") !== namespace) {
    const value = resourceAttributes.namespace ?? "";
    errors.push(field.invalid(attributes.child("namespace"), value, "must match metadata.namespace"));
  }
  if (nonResourceAttributes) {
    const path = spec.child("nonResourceAttributes");
    errors.push(field.invalid(path, nonResourceAttributes, "disallowed on this kind of request"));
  }
  return errors;
}

function validateWhat({ resourceAttributes, nonResourceAttributes }: What): FieldError[] {
  if (!resourceAttributes && !nonResourceAttributes) {
    const detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    return [field.invalid(attributes, null, detail)];
  }
  const both = spec.child("nonResourceAttributes");
  return [
    ...(resourceAttributes && nonResourceAttributes
      ? [field.invalid(both, nonResourceAttributes, "cannot be specified in combination with resourceAttributes")]
      : []),
    ...validateSelector(resourceAttributes?.fieldSelector, attributes.child("fieldSelector"), validateFieldKey),
    ...validateSelector(resourceAttributes?.labelSelector, attributes.child("labelSelector"), validateLabelKey),
  ];
}

function validateSubject({ user, groups }: SubjectAccessReviewSpec): FieldError[] {
  if (user || groups?.length) return [];
  return [field.invalid(spec.child("user"), user ?? "", "at least one of user or group must be specified")];
}

/** A review is no object that is kept: it has nothing to be named by. */
function validateMetadata(metadata: Partial<KubeObject["metadata"]> | undefined, detail: string): FieldError[] {
  const { managedFields: _fields, creationTimestamp: _created, ...rest } = metadata ?? {};
  const isEmpty = Object.values(rest).every((value) => value === undefined || value === "");
  return isEmpty ? [] : [field.invalid(Path.of("metadata"), metadata, detail)];
}

function validateSelector(
  selector: Selector | undefined,
  path: Path,
  validateKey: (key: string, path: Path) => FieldError[],
): FieldError[] {
  if (!selector) return [];
  const { rawSelector, requirements = [] } = selector;
  if (rawSelector && requirements.length > 0) {
    const detail = "may not specified at the same time as requirements";
    return [field.invalid(path.child("rawSelector"), rawSelector, detail)];
  }
  if (!rawSelector && requirements.length === 0) {
    const detail = `when ${path} is specified, requirements or rawSelector is required`;
    return [field.required(path.child("requirements"), detail)];
  }
  return requirements.flatMap((requirement, index) => {
    const at = path.child("requirements").index(index);
    return [...validateValues(requirement, at), ...validateKey(requirement.key, at.child("key"))];
  });
}

/** Operators that are not known yet come from newer clients and narrow nothing. */
function validateValues(requirement: NonNullable<Selector["requirements"]>[number], path: Path): FieldError[] {
  const { operator, values = [] } = requirement;
  const at = path.child("values");
  if ((operator === "In" || operator === "NotIn") && values.length === 0) {
    return [field.required(at, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
    return [field.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  }
  return [];
}

function validateLabelKey(key: string, path: Path): FieldError[] {
  return qualifiedNameErrors(key).map((problem) => field.invalid(path, key, problem));
}

function validateFieldKey(key: string, path: Path): FieldError[] {
  return key === "" ? [field.required(path, "must be specified")] : [];
}
