import {
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  frameList,
  type KubeObject,
  listItemHead,
  metadataMessage,
  wrapMessage,
} from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { type ItemForm, itemParts } from "../watch-cache/item-parts.ts";
import { bookmarkMetadata, listMetadata } from "../watch-cache/json-encoding.ts";
import type { WrittenResource } from "./served-resource.ts";

const mediaType = "application/vnd.kubernetes.protobuf";

/** How the messages of one kind are had and called. */
interface MessageForm {
  readonly key: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  readonly message: (entry: Entry) => Buffer;
  /** Keeps a copy of an entry's message that stands in a larger buffer, instead of its own. */
  readonly moved: (entry: Entry, bytes: Buffer) => void;
}

/** A kind as protobuf: each object's message is made once, at its first use, and then copied into answers and events. */
export function protobufEncoding(resource: WrittenResource): Encoding {
  const { info } = resource;
  const key = messageKey(resource);
  return messageEncoding({
    key,
    apiVersion: formatGroupVersion(info),
    kind: info.kind,
    listKind: info.listKind,
    message: messageOf(resource),
    moved: (entry, bytes) => entry.keepEncoded(key, bytes),
  });
}

/** The metadata of objects as protobuf (PartialObjectMetadata), cut out of their messages where they have some. */
export function partialProtobufEncoding(resource: WrittenResource, isCustom: boolean): Encoding {
  const key = "protobuf:partial";
  const whole = messageOf(resource);
  const encode = ({ object: { metadata } }: Entry) => encodeMessage("meta/v1.PartialObjectMetadata", { metadata });
  return messageEncoding({
    key,
    apiVersion: "meta.k8s.io/v1",
    kind: "PartialObjectMetadata",
    listKind: "PartialObjectMetadataList",
    message: isCustom ? (entry) => entry.encoded(key, encode) : (entry) => metadataMessage(whole(entry)),
    moved() {},
  });
}

function messageKey({ info }: WrittenResource): string {
  return `protobuf:${formatGroupVersion(info)}`;
}

function messageOf(resource: WrittenResource): (entry: Entry) => Buffer {
  const { codec, toServed } = resource;
  const key = messageKey(resource);
  const encode = ({ object }: Entry) =>
    encodeMessage(codec.type, (toServed ? toServed(object) : object) as KubeObject & Record<string, unknown>);
  return (entry) => entry.encoded(key, encode);
}

function messageEncoding(form: MessageForm): Encoding {
  const { key, apiVersion, kind, listKind, message } = form;
  const items = itemForm(form);
  const whole = (entry: Entry) => wrapMessage(apiVersion, kind, message(entry));
  return {
    key,
    mediaType,
    streamMediaType: `${mediaType};stream=watch`,
    object: whole,
    list(entries, position) {
      const parts = itemParts(entries, items);
      const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const { head, tail } = frameList(apiVersion, listKind, listMetadata(position), bytes);
      return [head, ...parts, tail];
    },
    event: (type, entry) => [encodeWatchFrame(type, whole(entry))],
    bookmark(revision, endsInitialEvents) {
      // Of any kind, the metadata alone is the same message.
      const object = { metadata: bookmarkMetadata(revision, endsInitialEvents) };
      const bookmark = encodeMessage("meta/v1.PartialObjectMetadata", object);
      return encodeWatchFrame("BOOKMARK", wrapMessage(apiVersion, kind, bookmark));
    },
    error: (status) => encodeWatchFrame("ERROR", encodeProtobuf(status as Record<string, unknown>)),
  };
}

/** Items of a list. A run is joined into one buffer, of which its entries' messages are views from then on: nothing is kept twice. */
function itemForm({ key, message, moved }: MessageForm): ItemForm {
  const item = (entry: Entry) => {
    const bytes = message(entry);
    return [listItemHead(bytes.byteLength), bytes] as const;
  };
  return {
    key,
    item,
    join(run) {
      const items = run.map(item);
      const joined = Buffer.concat(items.flat());
      let at = 0;
      for (const [index, [head, bytes]] of items.entries()) {
        const start = at + head.byteLength;
        at = start + bytes.byteLength;
        moved(run[index] as Entry, joined.subarray(start, at));
      }
      return joined;
    },
  };
}
