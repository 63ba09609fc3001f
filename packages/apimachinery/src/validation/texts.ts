import { byteLength } from "../text/byte-length.ts";
import { emptyError, maxLengthError, regexError } from "./wording.ts";

/** Names of ConfigMap and Secret keys, environment variables, headers and the like. Each returns what is wrong, as sentences. */

const percentFormat = "[0-9]+%";
const headerFormat = "[-A-Za-z0-9]+";
const envFormat = "[-._a-zA-Z][-._a-zA-Z0-9]*";
const identifierFormat = "[A-Za-z_][A-Za-z0-9_]*";
const keyFormat = "[-._a-zA-Z0-9]+";

function pattern(format: string): RegExp {
  return new RegExp(`^${format}$`);
}

const percentPattern = pattern(percentFormat);
const headerPattern = pattern(headerFormat);
const envPattern = pattern(envFormat);
const identifierPattern = pattern(identifierFormat);
const keyPattern = pattern(keyFormat);

export function percentErrors(value: string): string[] {
  if (percentPattern.test(value)) return [];
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return [regexError(message, percentFormat, "1%", "93%")];
}

export function httpHeaderNameErrors(value: string): string[] {
  if (headerPattern.test(value)) return [];
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [regexError(message, headerFormat, "X-Header-Name")];
}

export function cIdentifierErrors(value: string): string[] {
  if (identifierPattern.test(value)) return [];
  const message =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
  return [regexError(message, identifierFormat, "my_name", "MY_NAME", "MyName")];
}

/** The strict rule for environment variable names. */
export function envVarNameErrors(value: string): string[] {
  const message =
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
  const errors = envPattern.test(value)
    ? []
    : [regexError(message, envFormat, "my.env-name", "MY_ENV.NAME", "MyEnvName1")];
  return [...errors, ...parentDirectoryErrors(value)];
}

/** The rule in force since v1.34: printable ASCII without `=`. */
export function relaxedEnvVarNameErrors(value: string): string[] {
  if (value === "") return [`environment variable name ${emptyError}`];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function configMapKeyErrors(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthError(253)] : [];
  if (!keyPattern.test(value)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(regexError(message, keyFormat, "key.name", "KEY_NAME", "key-name"));
  }
  return [...errors, ...parentDirectoryErrors(value)];
}

/** Keys become file names, so none may climb out of its directory. */
function parentDirectoryErrors(value: string): string[] {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}
