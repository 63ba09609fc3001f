import type { AdmissionAttributes } from "../../plugin.ts";
import type { Binding } from "../bindings.ts";
import type { Violation } from "./evaluate.ts";

const failureKey = "validation.policy.admission.k8s.io/validation_failure";

/** Gathers what policies have for the audit event of one write: values of the same key are joined, and the first violation is told. */
export class AuditNotes {
  readonly #attributes: AdmissionAttributes;
  readonly #values = new Map<string, Set<string>>();
  #hasFailure = false;

  constructor(attributes: AdmissionAttributes) {
    this.#attributes = attributes;
  }

  add(key: string, value: string): void {
    const values = this.#values.get(key);
    if (values) values.add(value);
    else this.#values.set(key, new Set([value]));
  }

  failed(policy: string, { name, spec }: Binding, { message, index }: Violation): void {
    // An annotation of an audit event cannot be written over.
    if (this.#hasFailure) return;
    this.#hasFailure = true;
    const { validationActions } = spec;
    const entry = { message, policy, binding: name, expressionIndex: index, validationActions };
    this.#attributes.annotate(failureKey, JSON.stringify([entry]));
  }

  write(): void {
    for (const [key, values] of this.#values) this.#attributes.annotate(key, [...values].join(", "));
  }
}
