import {
  asPrefix,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { type FunctionDeclaration, func, method } from "../functions.ts";
import { matching } from "../interpreter/cost.ts";
import * as t from "../types.ts";
import { ArrayList, Opaque, Optional, parseTimestamp, sizeOf, type Value } from "../values/index.ts";

const FORMAT = t.opaque("kubernetes.NamedFormat");

interface Format {
  readonly errors: (text: string) => readonly string[];
  /** How long upstream's pattern for it is, which checking costs. */
  readonly patternSize: number;
}

const said =
  (isValid: (text: string) => boolean, message: string) =>
  (text: string): readonly string[] =>
    isValid(text) ? [] : [message];

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const absolute = /^([a-z][a-z0-9+.-]*:|\/)[^\s]*$/i;

const formats: Readonly<Record<string, Format>> = {
  dns1123Label: { errors: dns1123LabelErrors, patternSize: 30 },
  dns1123Subdomain: { errors: dns1123SubdomainErrors, patternSize: 60 },
  dns1035Label: { errors: dns1035LabelErrors, patternSize: 30 },
  qualifiedName: { errors: qualifiedNameErrors, patternSize: 60 },
  dns1123LabelPrefix: { errors: asPrefix(dns1123LabelErrors), patternSize: 30 },
  dns1123SubdomainPrefix: { errors: asPrefix(dns1123SubdomainErrors), patternSize: 60 },
  dns1035LabelPrefix: { errors: asPrefix(dns1035LabelErrors), patternSize: 30 },
  labelValue: { errors: labelValueErrors, patternSize: 40 },
  uri: { errors: said((text) => absolute.test(text), "must be a valid URI"), patternSize: 40 },
  uuid: { errors: said((text) => uuid.test(text), "does not match the UUID format"), patternSize: 40 },
  byte: { errors: said((text) => base64.test(text), "invalid base64"), patternSize: 40 },
  date: {
    errors: said((text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseTimestamp(text) !== undefined, "invalid date"),
    patternSize: 40,
  },
  datetime: {
    errors: said((text) => text.includes("T") && parseTimestamp(text) !== undefined, "invalid datetime"),
    patternSize: 40,
  },
};

const known = new Map(Object.entries(formats).map(([name, format]) => [name, new Opaque(FORMAT, format, name)]));

/** None for text that has the format, else what is wrong with it. */
function validate({ held }: Opaque<Format>, text: string): Optional {
  const errors = held.errors(text);
  return errors.length === 0 ? Optional.none : new Optional(new ArrayList([...errors]));
}

function validateCost([format = null, text = null]: readonly Value[]): number {
  return matching(sizeOf(text), format instanceof Opaque ? (format as Opaque<Format>).held.patternSize : 0);
}

/** Formats of names and other texts: `!format.dns1123Label().validate(self.name).hasValue()`. */
export const namedFormats: readonly FunctionDeclaration[] = [
  ...[...known].map(([name, format]) => func(`format.${name}`, [], FORMAT, () => format)),
  func("format.named", [t.STRING], t.optionalOf(FORMAT), (name: string) => {
    const format = known.get(name);
    return format ? new Optional(format) : Optional.none;
  }),
  method("validate", [FORMAT, t.STRING], t.optionalOf(t.listOf(t.STRING)), validate, validateCost),
];
