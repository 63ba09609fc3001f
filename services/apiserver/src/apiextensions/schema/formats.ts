import { cidrErrors, dns1123LabelErrors, dns1123SubdomainErrors, ipv4Errors, ipv6Errors } from "@tskube/apimachinery";

type Check = (text: string) => boolean;

const pattern =
  (expression: RegExp): Check =>
  (text) =>
    expression.test(text);

const uuid = (version: string) =>
  pattern(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, "i"));

const duration =
  /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$|^[+-]?0$/;
const wordyDuration = /^\d+\s*(w|d|h|m|s|ms|us|ns|weeks?|days?|hours?|minutes?|seconds?|hrs?|mins?|secs?)$/i;
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** String formats that are checked; a format that is not among them says nothing about validity. */
const checks: Readonly<Record<string, Check>> = {
  bsonobjectid: pattern(/^[0-9a-f]{24}$/i),
  byte: pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  cidr: (text) => cidrErrors(text).length === 0,
  creditcard: (text) => /^[\d -]{13,23}$/.test(text) && hasLuhnSum(text.replace(/\D/g, "")),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isRealDate(text),
  "date-time": (text) => dateTime.test(text) && isRealDate(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)),
  duration: (text) => duration.test(text) || wordyDuration.test(text),
  email: pattern(/^[^\s@<>]+@[^\s@<>]+$/),
  hexcolor: pattern(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: pattern(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i),
  ipv4: (text) => ipv4Errors(text).length === 0,
  ipv6: (text) => ipv6Errors(text).length === 0,
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  "k8s-long-name": (text) => dns1123SubdomainErrors(text).length === 0,
  "k8s-short-name": (text) => dns1123LabelErrors(text).length === 0,
  mac: pattern(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i),
  password: () => true,
  rgbcolor: pattern(
    /^rgb\(\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*(,\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*){2}\)$/,
  ),
  ssn: pattern(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: (text) => /^([a-z][a-z0-9+.-]*:|\/)/i.test(text) && !/[\s<>"{}|\\^`]/.test(text),
  uuid: uuid("[0-9a-f]"),
  uuid3: uuid("3"),
  uuid4: uuid("4"),
  uuid5: uuid("5"),
};
const aliases: Readonly<Record<string, string>> = { datetime: "date-time" };

/** Whether `text` has the format, as far as the format is known. */
export function hasFormat(format: string, text: string): boolean {
  const check = Object.hasOwn(checks, format) ? checks[format] : checks[aliases[format] ?? ""];
  return check ? check(text) : true;
}

function isRealDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function hasLuhnSum(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[ -]/g, "");
  if (!/^\d{9}[\dX]$/i.test(digits)) return false;
  const sum = [...digits.toUpperCase()].reduce(
    (total, digit, index) => total + (digit === "X" ? 10 : Number(digit)) * (10 - index),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[ -]/g, "");
  if (!/^\d{13}$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}
