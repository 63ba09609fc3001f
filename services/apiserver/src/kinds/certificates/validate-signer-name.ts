import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  goQuote,
  type Path,
} from "@tskube/apimachinery";

const maxDomainLength = 253;
const maxPathLength = 253 + 63 + 1;
const maxLength = maxDomainLength + maxPathLength + 1;

/** A signer's name is `example.com/something`. */
export function signerNameErrors(name: string, at: Path): FieldError[] {
  if (name === "") return [field.required(at)];
  const [domain = "", path = "", ...more] = name.split("/");
  if (!name.includes("/") || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [field.invalid(at, name, detail)];
  }
  const labels = domain.split(".");
  const errors: FieldError[] = [];
  if (domain.length > maxDomainLength) errors.push(field.tooLong(at, maxDomainLength));
  errors.push(...firstWrongLabel(at, domain, labels, dns1123LabelErrors));
  if (labels.length < 2) {
    errors.push(field.invalid(at, domain, "should be a domain with at least two segments separated by dots"));
  }
  errors.push(...firstWrongLabel(at, path, path.split("."), dns1123SubdomainErrors));
  if (name.length > maxLength) errors.push(field.tooLong(at, maxLength));
  return errors;
}

function firstWrongLabel(
  at: Path,
  segment: string,
  labels: readonly string[],
  errorsOf: (label: string) => readonly string[],
): FieldError[] {
  const wrong = labels.find((label) => errorsOf(label).length > 0);
  if (wrong === undefined) return [];
  return errorsOf(wrong).map((error) => field.invalid(at, segment, `validating label ${goQuote(wrong)}: ${error}`));
}
