import { encodeProtobuf } from "@tskube/api";
import { type StatusError, suggestedDelaySeconds } from "@tskube/apimachinery";
import { stringify } from "yaml";
import { accepts, parseAccept } from "./accept.ts";
import type { Exchange, ReplyHeaders } from "./exchange.ts";

/** Answers with the error's Status; an answer that has begun is cut instead, so that it cannot be taken for whole. */
export function sendError(exchange: Exchange, error: StatusError): void {
  if (exchange.started) {
    exchange.destroy();
    return;
  }
  const mediaType = chosenType(exchange);
  const headers: ReplyHeaders = {
    "cache-control": "no-cache, private",
    "content-type": mediaType,
    "x-content-type-options": "nosniff",
  };
  const delay = suggestedDelaySeconds(error);
  if (delay !== undefined) headers["retry-after"] = delay;
  exchange.send(error.code, headers, encoders[mediaType](error.status));
}

type MediaType = keyof typeof encoders;

const encoders = {
  "application/json": (status: object): string => `${JSON.stringify(status)}\n`,
  "application/yaml": (status: object): string => stringify(status, { sortMapEntries: true }),
  "application/vnd.kubernetes.protobuf": (status: object): Buffer => encodeProtobuf({ ...status }),
};
const mediaTypes = Object.keys(encoders) as MediaType[];

/** The first that the client takes, whatever shape it wants objects in; JSON when it takes none. */
function chosenType(exchange: Exchange): MediaType {
  for (const range of parseAccept(exchange.header("accept"))) {
    const found = mediaTypes.find((type) => accepts(range, type));
    if (found) return found;
  }
  return "application/json";
}
