import { type ComponentStatus, resources, typeNameOf } from "@tskube/api";
import { badRequest, methodNotSupported, notFound } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { RequestContext } from "../http/context.ts";
import type { TableColumns } from "../http/table-columns.ts";
import { builtInCodec } from "../resources/built-in-codec.ts";
import { EncodingChooser } from "../resources/choose-encoding.ts";
import { sendParts } from "../resources/respond.ts";
import type { Route } from "../resources/router.ts";
import { Entry } from "../watch-cache/entry.ts";
import { encodeStored, unversioned } from "../watch-cache/json-bytes.ts";
import { componentColumns, componentStatus, type Probes } from "./component-statuses.ts";

const deprecated = "v1 ComponentStatus is deprecated in v1.19+";

/** Answers `componentstatuses`: nothing is stored of them, each request asks the components themselves. */
export function componentStatusRoute(probes: Probes, clock: Clock): Route {
  const info = resources.byResource({ group: "", version: "v1", resource: "componentstatuses" });
  const type = info && typeNameOf(info);
  if (!info || !type) throw badRequest("no schema for ComponentStatus");
  const codec = builtInCodec(info, type);
  const encodings = new EncodingChooser({ info, codec }, componentColumns as unknown as TableColumns, clock);
  const ask = async (name: string) => entryOf(componentStatus(name, await (probes[name] as Probes[string])()));

  async function list({ exchange }: RequestContext): Promise<void> {
    const encoding = encodings.choose(exchange);
    const entries = await Promise.all(Object.keys(probes).map(ask));
    await sendParts(exchange, 200, encoding.mediaType, encoding.list(entries, { revision: 0 }));
  }

  async function get({ exchange, info: { name } }: RequestContext): Promise<void> {
    const encoding = encodings.choose(exchange);
    if (!Object.hasOwn(probes, name)) throw notFound({ group: "", resource: "componentstatuses" }, name);
    await sendParts(exchange, 200, encoding.mediaType, [encoding.object(await ask(name))]);
  }

  return {
    info,
    subresources: {},
    whole(context) {
      context.exchange.warn(deprecated);
      if (context.info.verb === "list") return list(context);
      if (context.info.verb === "get") return get(context);
      throw methodNotSupported(info, context.info.verb);
    },
  };
}

function entryOf(status: ComponentStatus): Entry {
  const { name } = status.metadata;
  return new Entry(
    name,
    0,
    unversioned(encodeStored(status)),
    { labels: {}, fields: { "metadata.name": name } },
    status,
  );
}
