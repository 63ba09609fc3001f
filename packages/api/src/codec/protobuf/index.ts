export {
  decodeMessage,
  decodeProtobuf,
  decodeWatchEvent,
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  frameList,
  isProtobuf,
  listItemHead,
  metadataMessage,
  wrapMessage,
} from "./envelope.ts";
