import {
  encodeListMessage,
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  type KubeObject,
  wrapMessage,
} from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { bookmarkMetadata, listMetadata } from "../watch-cache/json-encoding.ts";
import type { ServedResource } from "./served-resource.ts";

const mediaType = "application/vnd.kubernetes.protobuf";

/** A kind as protobuf: each object's message is made once, at its first use, and then copied into answers, lists and events. */
export function protobufEncoding({ info, codec, toServed }: ServedResource): Encoding {
  const apiVersion = formatGroupVersion(info);
  const key = `protobuf:${apiVersion}`;
  const encode = ({ object }: Entry) =>
    encodeMessage(codec.type, (toServed ? toServed(object) : object) as KubeObject & Record<string, unknown>);
  const message = (entry: Entry) => entry.encoded(key, encode);
  const whole = (entry: Entry) => wrapMessage(apiVersion, info.kind, message(entry));
  return {
    key,
    mediaType,
    streamMediaType: `${mediaType};stream=watch`,
    object: whole,
    list(entries, position) {
      const list = encodeListMessage(listMetadata(position), entries.map(message));
      return [wrapMessage(apiVersion, info.listKind, list)];
    },
    event: (type, entry) => [encodeWatchFrame(type, whole(entry))],
    bookmark(revision, endsInitialEvents) {
      const object = { metadata: bookmarkMetadata(revision, endsInitialEvents) };
      return encodeWatchFrame("BOOKMARK", wrapMessage(apiVersion, info.kind, encodeMessage(codec.type, object)));
    },
    error: (status) => encodeWatchFrame("ERROR", encodeProtobuf(status as Record<string, unknown>)),
  };
}
