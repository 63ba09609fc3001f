export {
  type Decoded,
  type DecodeOptions,
  decodeObject,
  type FieldValidation,
  normalize,
  type ParsedBody,
  parseBody,
  readApplied,
  readObject,
} from "./decode.ts";
export { DecodeError, StrictDecodingError } from "./errors.ts";
