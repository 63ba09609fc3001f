import type { Node, Pod } from "@tskube/api";
import { badRequest, methodNotAllowed, notFound } from "@tskube/apimachinery";
import { type Authorizer, forbiddenError } from "../auth/index.ts";
import { isTrue } from "../filters/request-info.ts";
import type { Handler, RequestContext } from "../http/context.ts";
import type { LocalObjects } from "../registry/objects.ts";
import { readObject } from "../resources/read-objects.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { admitConnect } from "./admit-connect.ts";
import { kubeletAddress } from "./kubelet-address.ts";
import { asksForSpdyTunnel, tunnelSpdy } from "./spdy-tunnel.ts";
import { forwardAnswer, tunnel, type Upstream } from "./upstream.ts";

export interface KubeletAccess {
  readonly preferredAddressTypes: readonly string[];
  readonly tls: NonNullable<Upstream["tls"]>;
}

export interface StreamDeps {
  readonly objects: LocalObjects;
  readonly authorizer: Authorizer;
  readonly kubelet: KubeletAccess;
  readonly random: () => number;
}

/** Which of our query's names the kubelet calls otherwise. */
const kubeletNames: Readonly<Record<string, string>> = { stdin: "input", stdout: "output", stderr: "error" };
const defaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

/** Answers `pods/NAME/log` with what the kubelet has. */
export function servePodLog(pods: ServedResource, deps: StreamDeps): Handler {
  return async (context) => {
    checkVerb(context, "get");
    const { exchange } = context;
    const { query } = exchange.url;
    const pod = await readPod(context, pods);
    checkLogOptions(query);
    const container = chooseContainer(pod, query.get("container") ?? "", false);
    const node = nodeOf(pod);
    // A pod that nobody runs yet has logged nothing.
    if (node === "") {
      exchange.send(200, { "content-type": "text/plain" }, "");
      return;
    }
    const passed = new URLSearchParams(query);
    passed.delete("container");
    const { namespace, name } = pod.metadata;
    const path = `/containerLogs/${namespace}/${name}/${container}?${passed.toString()}`;
    await forwardAnswer(exchange, kubeletOf(deps, node), path);
  };
}

/** Answers `exec` and `attach` of a pod by joining the client's connection to the kubelet's. */
export function servePodStream(kind: "exec" | "attach", pods: ServedResource, deps: StreamDeps): Handler {
  return async (context) => {
    const { query } = context.exchange.url;
    checkVerb(context, "get", "create");
    await authorizeConnect(context, deps);
    await admitConnect(context, pods, kind);
    const pod = await readPod(context, pods);
    checkRunning(pod, kind);
    const container = chooseContainer(pod, query.get("container") ?? "", true);
    if (kind === "exec" && query.getAll("command").length === 0) {
      throw badRequest("you must specify at least 1 command");
    }
    const { namespace, name } = pod.metadata;
    const path = `/${kind}/${namespace}/${name}/${container}?${kubeletQuery(query)}`;
    requireUpgrade(context);
    await tunnel(context.exchange, kubeletOf(deps, requireNode(pod)), path);
  };
}

/** Answers `portforward` of a pod likewise. */
export function servePortForward(pods: ServedResource, deps: StreamDeps): Handler {
  return async (context) => {
    checkVerb(context, "get", "create");
    await authorizeConnect(context, deps);
    await admitConnect(context, pods, "portforward");
    const pod = await readPod(context, pods);
    requireUpgrade(context);
    const { namespace, name } = pod.metadata;
    const path = `/portForward/${namespace}/${name}?${context.exchange.url.query.toString()}`;
    const join = asksForSpdyTunnel(context.exchange) ? tunnelSpdy : tunnel;
    await join(context.exchange, kubeletOf(deps, requireNode(pod)), path);
  };
}

/** Whoever may do something else to a stream's path may not read or open it by that. */
function checkVerb({ info }: RequestContext, ...verbs: readonly string[]): void {
  if (!verbs.includes(info.verb)) throw methodNotAllowed();
}

/**
 * A WebSocket is opened by a GET, whose verb would let those read-only users in that SPDY's POST keeps out: who streams must be allowed to
 * create, too.
 */
async function authorizeConnect(context: RequestContext, { authorizer }: StreamDeps): Promise<void> {
  const { info, user } = context;
  if (info.verb !== "get") return;
  const { group, version, resource, subresource, namespace, name, path } = info;
  const attributes = {
    user,
    verb: "create",
    isResource: true,
    path,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
  };
  const decision = await authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
}

function requireUpgrade({ exchange }: RequestContext): void {
  if (!exchange.upgrade) throw badRequest("Upgrade request required");
}

async function readPod({ info }: RequestContext, pods: ServedResource): Promise<Pod> {
  return (await readObject(pods, info.namespace, info.name, undefined)).object as Pod;
}

function nodeOf({ spec }: Pod): string {
  return spec.nodeName ?? "";
}

function requireNode(pod: Pod): string {
  const node = nodeOf(pod);
  if (node === "") throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return node;
}

function checkRunning({ metadata, status }: Pod, kind: string): void {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") {
    throw badRequest(`cannot ${kind} into a container in a completed pod; current phase is ${status.phase}`);
  }
  if (!metadata.name) throw badRequest("pod has no name");
}

/** The container meant: named, the only one, or the one that an annotation makes the default for interactive use. */
function chooseContainer(pod: Pod, wanted: string, usesDefault: boolean): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const all = [...containers, ...initContainers, ...ephemeralContainers].map(({ name }) => name);
  const name = pod.metadata.name;
  if (wanted !== "") {
    if (all.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  const [first, ...others] = containers;
  if (first && others.length === 0) return first.name;
  const annotated = pod.metadata.annotations?.[defaultContainerAnnotation];
  if (usesDefault && annotated !== undefined && all.includes(annotated)) return annotated;
  const names = containers.map((container) => container.name).join(" ");
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${names}]${initText(initContainers.map((one) => one.name))}`,
  );
}

function initText(names: readonly string[]): string {
  return names.length === 0 ? "" : ` or one of the init containers: [${names.join(" ")}]`;
}

function checkLogOptions(query: URLSearchParams): void {
  for (const name of ["tailLines", "limitBytes", "sinceSeconds"]) {
    const text = query.get(name);
    const isWrong = text !== null && (!/^\d+$/.test(text) || (name !== "tailLines" && Number(text) < 1));
    if (isWrong)
      throw badRequest(`${name} must be ${name === "tailLines" ? "greater than or equal to 0" : "greater than 0"}`);
  }
  if (query.has("sinceSeconds") && query.has("sinceTime")) {
    throw badRequest("at most one of `sinceTime` or `sinceSeconds` may be specified");
  }
}

function kubeletQuery(query: URLSearchParams): string {
  const passed = new URLSearchParams();
  for (const [name, value] of query) {
    if (name === "container") continue;
    const known = kubeletNames[name];
    if (known === undefined) passed.append(name, value);
    else if (isTrue(value)) passed.append(known, "1");
  }
  if (passed.has("tty")) passed.set("tty", isTrue(passed.get("tty")) ? "1" : "0");
  if (passed.get("tty") === "0") passed.delete("tty");
  return passed.toString();
}

/** The way to a node's kubelet. */
export function kubeletOf({ objects, kubelet }: StreamDeps, name: string): Upstream {
  const nodes = { group: "", resource: "nodes" };
  const node = objects.reader<Node>(nodes).get("", name);
  if (!node) throw notFound(nodes, name);
  return { isTls: true, ...kubeletAddress(node, kubelet.preferredAddressTypes), tls: kubelet.tls };
}
