export {
  decodeMessage,
  decodeProtobuf,
  decodeWatchEvent,
  encodeListMessage,
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  isProtobuf,
  wrapMessage,
} from "./envelope.ts";
