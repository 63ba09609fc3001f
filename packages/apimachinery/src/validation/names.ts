import { byteLength } from "../text/byte-length.ts";
import { emptyError, inclusiveRangeError, maxLengthError, regexError } from "./wording.ts";

/** Checks a text and returns what is wrong with it, as sentences for a field error's detail; nothing wrong is an empty list. */
export type NameValidator = (value: string) => string[];

const labelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
const dns1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";
const wildcardFormat = `\\*\\.${subdomainFormat}`;
const qualifiedNameFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValueFormat = `(${qualifiedNameFormat})?`;

const exactly = (format: string) => new RegExp(`^(?:${format})$`);
const labelPattern = exactly(labelFormat);
const subdomainPattern = exactly(subdomainFormat);
const dns1035Pattern = exactly(dns1035Format);
const wildcardPattern = exactly(wildcardFormat);
const qualifiedNamePattern = exactly(qualifiedNameFormat);
const labelValuePattern = exactly(labelValueFormat);

const maxLabel = 63;
const maxSubdomain = 253;

const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const dns1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const wildcardMessage =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const qualifiedNameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const labelValueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function longerThan(value: string, max: number): string[] {
  return byteLength(value) > max ? [maxLengthError(max)] : [];
}

/** RFC 1123 label: most names that become one part of a DNS name, such as namespaces. */
export function dns1123LabelErrors(value: string): string[] {
  const errors = longerThan(value, maxLabel);
  if (labelPattern.test(value)) return errors;
  const onlyDotsAreWrong = subdomainPattern.test(value);
  return [
    ...errors,
    onlyDotsAreWrong ? "must not contain dots" : regexError(labelMessage, labelFormat, "my-name", "123-abc"),
  ];
}

/** RFC 1123 subdomain: the rule for most kinds' names. */
export function dns1123SubdomainErrors(value: string): string[] {
  const errors = longerThan(value, maxSubdomain);
  if (!subdomainPattern.test(value)) errors.push(regexError(subdomainMessage, subdomainFormat, "example.com"));
  return errors;
}

/** RFC 1035 label, which may not start with a digit. */
export function dns1035LabelErrors(value: string): string[] {
  const errors = longerThan(value, maxLabel);
  if (!dns1035Pattern.test(value)) errors.push(regexError(dns1035Message, dns1035Format, "my-name", "abc-123"));
  return errors;
}

/** `*.` and a subdomain, as in an Ingress host. */
export function wildcardSubdomainErrors(value: string): string[] {
  const errors = longerThan(value, maxSubdomain);
  if (!wildcardPattern.test(value)) errors.push(regexError(wildcardMessage, wildcardFormat, "*.example.com"));
  return errors;
}

/** A label key, finalizer, condition type or resource name: a name with an optional DNS prefix, `example.com/MyName`. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split("/");
  if (parts.length > 2) {
    const rule = regexError(qualifiedNameMessage, qualifiedNameFormat, "MyName", "my.name", "123-abc");
    return [`a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? "";
  return [...(parts.length === 2 ? prefixErrors(parts[0] ?? "") : []), ...namePartErrors(name)];
}

function prefixErrors(prefix: string): string[] {
  if (prefix === "") return [`prefix part ${emptyError}`];
  return dns1123SubdomainErrors(prefix).map((error) => `prefix part ${error}`);
}

function namePartErrors(name: string): string[] {
  const errors = name === "" ? [`name part ${emptyError}`] : longerThan(name, maxLabel).map((e) => `name part ${e}`);
  if (qualifiedNamePattern.test(name)) return errors;
  const rule = regexError(qualifiedNameMessage, qualifiedNameFormat, "MyName", "my.name", "123-abc");
  return [...errors, `name part ${rule}`];
}

export function labelValueErrors(value: string): string[] {
  const errors = longerThan(value, maxLabel);
  if (!labelValuePattern.test(value)) {
    errors.push(regexError(labelValueMessage, labelValueFormat, "MyValue", "my_value", "12345"));
  }
  return errors;
}

/** Names that only have to be usable in a URL path, such as those of RBAC roles. */
export function pathSegmentNameErrors(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return ["/", "%"].filter((char) => value.includes(char)).map((char) => `may not contain '${char}'`);
}

/** A `generateName` gets a suffix, so a trailing dash is fine in it; this checks it as the name it may become. */
export function asPrefix(validate: NameValidator): NameValidator {
  return (value) => validate(value.endsWith("-") && value.length > 1 ? `${value.slice(0, -1)}a` : value);
}

/** A port number that can be listened on. */
export function portNumberErrors(port: number): string[] {
  return inRangeErrors(port, 1, 65535);
}

export function inRangeErrors(value: number, min: number, max: number): string[] {
  return Number.isInteger(value) && value >= min && value <= max ? [] : [inclusiveRangeError(min, max)];
}

/** The name of a port (IANA service name): at most 15 of `[-a-z0-9]` with a letter in it. */
export function portNameErrors(value: string): string[] {
  const errors = longerThan(value, 15);
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) errors.push("must contain at least one letter (a-z)");
  if (value.includes("--")) errors.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) errors.push("must not begin or end with a hyphen");
  return errors;
}
