import { decodeObject, type KubeObject, setDefaults, typeNameOf } from "@tskube/api";
import { type FieldError, field, gvkOf } from "@tskube/apimachinery";
import { expect } from "chai";

/** An object as a validator gets it: decoded and completed. */
export function completed<T extends KubeObject>(apiVersion: string, kind: string, rest: object): T {
  const gvk = gvkOf({ apiVersion, kind });
  const type = typeNameOf(gvk);
  if (type === undefined) throw new Error(`no type of ${kind}`);
  const json = { apiVersion, kind, metadata: { name: "x", namespace: "default" }, ...rest };
  const { object } = decodeObject(type, JSON.stringify(json));
  setDefaults(gvk, object);
  return object as unknown as T;
}

export const texts = (errors: readonly FieldError[]) => errors.map(field.fieldErrorMessage);

/** What an object is like, what it has beside its name, and what is said of it. */
export type Case = readonly [what: string, rest: object, errors: readonly string[]];

/** A test for each case of one kind. */
export function checkCases<T extends KubeObject>(
  [apiVersion, kind]: readonly [apiVersion: string, kind: string],
  validate: (object: T) => FieldError[],
  cases: readonly Case[],
): void {
  for (const [what, rest, errors] of cases) {
    it(what, () => expect(texts(validate(completed<T>(apiVersion, kind, rest)))).to.deep.equal(errors));
  }
}
