export {
  type Decoded,
  type DecodeOptions,
  decodeObject,
  type FieldValidation,
  normalize,
  type ParsedBody,
  parseBody,
  readObject,
} from "./decode.ts";
export { DecodeError, StrictDecodingError } from "./errors.ts";
