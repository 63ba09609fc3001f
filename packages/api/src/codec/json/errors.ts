/** A body that is not of the type it should be; the message is upstream's. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Unknown and duplicate fields where the request asked for strict checks. */
export class StrictDecodingError extends DecodeError {
  /** Each as it stands in a warning: `unknown field "spec.foo"`. */
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(`strict decoding error: ${errors.join(", ")}`);
    this.errors = errors;
  }
}
