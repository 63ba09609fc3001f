import type { KubeObject } from "@tskube/api";
import { isTrue } from "../filters/request-info.ts";
import type { RequestContext } from "../http/context.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { writeScope } from "../resources/write-options.ts";

const kinds = { exec: "PodExecOptions", attach: "PodAttachOptions", portforward: "PodPortForwardOptions" } as const;

/** Asks admission about a stream to a pod; it sees the options that the query has. */
export async function admitConnect(
  context: RequestContext,
  pods: ServedResource,
  subresource: keyof typeof kinds,
): Promise<void> {
  const kind = kinds[subresource];
  await pods.store.admit(writeScope(context, kind), {
    operation: "CONNECT",
    subresource,
    kind,
    name: context.info.name,
    object: connectOptions(subresource, context.exchange.url.query) as KubeObject,
  });
}

/** Asks admission about a request that is passed on to a pod, a service or a node. */
export async function admitProxy(context: RequestContext, resource: ServedResource): Promise<void> {
  const kind = `${resource.info.kind}ProxyOptions`;
  const { name, rest } = context.info;
  await resource.store.admit(writeScope(context, kind), {
    operation: "CONNECT",
    subresource: "proxy",
    kind,
    name,
    object: { kind, apiVersion: "v1", ...(rest && { path: rest }) } as unknown as KubeObject,
  });
}

const switches = ["stdin", "stdout", "stderr", "tty"];

function connectOptions(subresource: keyof typeof kinds, query: URLSearchParams): object {
  const identity = { kind: kinds[subresource], apiVersion: "v1" };
  if (subresource === "portforward") {
    const ports = query.getAll("ports").flatMap((text) => text.split(",").map(Number));
    return { ...identity, ...(ports.length > 0 && { ports }) };
  }
  const container = query.get("container");
  const on = switches.filter((name) => isTrue(query.get(name))).map((name) => [name, true] as const);
  const command = query.getAll("command");
  return {
    ...identity,
    ...Object.fromEntries(on),
    ...(container && { container }),
    ...(subresource === "exec" && { command }),
  };
}
