import { requestEntityTooLarge, unsupportedMediaType } from "@tskube/apimachinery";
import { BodyTooLarge, type Exchange } from "../http/exchange.ts";
import type { BodyFormat } from "./kind-codec.ts";

/** As upstream: what etcd takes, with room for what is left out when it is stored. */
export const maxBodyBytes = 3 * 1024 * 1024;

const formats: Readonly<Record<string, BodyFormat>> = {
  "": "json",
  "application/json": "json",
  "application/yaml": "yaml",
  "application/vnd.kubernetes.protobuf": "protobuf",
};

export async function readBody(exchange: Exchange): Promise<Buffer> {
  try {
    return await exchange.body(maxBodyBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw requestEntityTooLarge(`limit is ${maxBodyBytes}`);
  }
}

/** The media type of the body without its parameters, in lower case. */
export function bodyType(exchange: Exchange): string {
  return (exchange.header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Throws `unsupportedMediaType` for a body that is no object in a form we read. */
export function bodyFormat(exchange: Exchange): BodyFormat {
  const type = bodyType(exchange);
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined;
  if (!format) throw unsupportedMediaType(Object.keys(formats).filter((name) => name !== ""));
  return format;
}
