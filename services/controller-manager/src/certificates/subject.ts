import type { JsonNameParams, Name } from "@peculiar/x509";

const commonName = "2.5.4.3";
const organization = "2.5.4.10";

/**
 * The kinds of parts that a subject may have, in the order in which Go writes them: country, organization, unit, locality, province, street, postal
 * code; then those with one value, common name and serial number.
 */
const manyValued = ["2.5.4.6", organization, "2.5.4.11", "2.5.4.7", "2.5.4.8", "2.5.4.9", "2.5.4.17"];
const singleValued = [commonName, "2.5.4.5"];

/** Whom a certificate is for. */
export interface Subject {
  /** The last of several: that is the one by which the API server knows who holds the certificate. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** All of it, part by part. */
  readonly parts: readonly { readonly type: string; readonly value: string }[];
}

/** What is read here is what is checked and what is signed, so that no other reader can find somebody else in the certificate. */
export function readSubject(name: Name): Subject {
  const parts = [
    ...manyValued.flatMap((type) => name.getField(type).map((value) => ({ type, value }))),
    ...singleValued.flatMap((type) =>
      name
        .getField(type)
        .slice(-1)
        .map((value) => ({ type, value })),
    ),
  ];
  const valuesOf = (type: string) => parts.filter((part) => part.type === type).map(({ value }) => value);
  return { commonName: valuesOf(commonName)[0] ?? "", organizations: valuesOf(organization), parts };
}

/** The subject as the X.509 library takes it, each value as a string and never as something to be parsed. */
export function subjectName({ parts }: Pick<Subject, "parts">): JsonNameParams {
  return parts.map(({ type, value }) => ({
    [type]: [/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value }],
  }));
}
