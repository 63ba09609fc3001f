import {
  encodeProtobuf,
  type KubeObject,
  type LocalSubjectAccessReview,
  type ResourceInfo,
  resources,
  type SelfSubjectAccessReview,
  type SelfSubjectReview,
  type SelfSubjectRulesReview,
  type SubjectAccessReview,
  type TokenReview,
  typeNameOf,
} from "@tskube/api";
import { badRequest, methodNotSupported, notAcceptable } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { AdmissionAttributes } from "../admission/plugin.ts";
import {
  type ClusterAuthenticator,
  type ClusterAuthorizer,
  type ReviewDeps,
  reviewLocalSubjectAccess,
  reviewSelfSubject,
  reviewSelfSubjectAccess,
  reviewSelfSubjectRules,
  reviewSubjectAccess,
  reviewToken,
  type TokenIssuer,
  type User,
} from "../auth/index.ts";
import { accepts, parseAccept } from "../http/accept.ts";
import type { Handler, RequestContext } from "../http/context.ts";
import type { Exchange } from "../http/exchange.ts";
import type { AdmissionChain } from "../registry/admission-chain.ts";
import { serveBinding } from "../subresources/binding.ts";
import { builtInCodec } from "./built-in-codec.ts";
import type { Catalog } from "./catalog.ts";
import { bodyFormat, readBody } from "./read-body.ts";
import { noteAnswer, sendJson } from "./respond.ts";
import type { Route } from "./router.ts";
import { decodeRequest, writeScope } from "./write-options.ts";
import { yamlText } from "./yaml-encoding.ts";

export interface VirtualDeps {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly issuer: TokenIssuer;
  readonly authorizer: ClusterAuthorizer;
  readonly authenticator: ClusterAuthenticator;
  readonly admission: AdmissionChain;
}

type Review = (user: User, review: KubeObject) => Promise<object>;

/** Resources that are asked and never stored: a create is answered with the object and its status. */
export function createVirtualRoutes(deps: VirtualDeps): readonly Route[] {
  const { authorizer, authenticator, issuer, admission, catalog, clock } = deps;
  const review: ReviewDeps = { authorizer, tokens: authenticator.tokens, apiAudiences: issuer.apiAudiences };
  const reviews: Readonly<Record<string, Review>> = {
    tokenreviews: (user, object) => reviewToken(user, object as TokenReview, review),
    selfsubjectreviews: (user, object) => reviewSelfSubject(user, object as SelfSubjectReview),
    subjectaccessreviews: (user, object) => reviewSubjectAccess(user, object as SubjectAccessReview, review),
    selfsubjectaccessreviews: (user, object) =>
      reviewSelfSubjectAccess(user, object as SelfSubjectAccessReview, review),
    selfsubjectrulesreviews: (user, object) => reviewSelfSubjectRules(user, object as SelfSubjectRulesReview, review),
    localsubjectaccessreviews: (user, object) =>
      reviewLocalSubjectAccess(user, object as LocalSubjectAccessReview, review),
  };
  const served = resources.all().filter((info) => info.servedByDefault && Object.hasOwn(reviews, info.resource));
  const routes: Route[] = served.map((info) => ({
    info,
    whole: serveReview(info, reviews[info.resource] as Review, admission),
    subresources: {},
  }));
  const bindings = resources.byResource({ group: "", version: "v1", resource: "bindings" });
  const pods = catalog.stored({ group: "", resource: "pods" });
  if (bindings) routes.push({ info: bindings, whole: serveBinding(pods, clock), subresources: {} });
  return routes;
}

function serveReview(info: ResourceInfo, review: Review, admission: AdmissionChain): Handler {
  const type = typeNameOf(info);
  if (!type) throw badRequest(`no schema for ${info.kind}`);
  const codec = builtInCodec(info, type);
  return async (context) => {
    if (context.info.verb !== "create") throw methodNotSupported(info, context.info.verb);
    // Reviews have neither rows nor metadata of their own: who takes nothing else is told so before anything is looked into.
    if (!formOf(context.exchange)) throw notAcceptable(forms);
    const format = bodyFormat(context.exchange);
    const body = await readBody(context.exchange);
    const object = codec.decode(body, format, decodeRequest(context, "CreateOptions"));
    const { namespace } = context.info;
    if (namespace !== "") object.metadata.namespace ??= namespace;
    await admit(context, info, object, admission);
    sendObject(context, 201, await review(context.user, object));
  };
}

/** A question is a create to admission, which may change it or not let it be asked. */
async function admit(
  context: RequestContext,
  { group, version, resource, kind }: ResourceInfo,
  object: KubeObject,
  admission: AdmissionChain,
): Promise<void> {
  const { namespace, user, dryRun, options, signal, warn, annotate } = writeScope(context, "CreateOptions");
  const attributes: AdmissionAttributes = {
    operation: "CREATE",
    group,
    version,
    resource,
    kind,
    requested: { group, version },
    subresource: "",
    namespace,
    name: object.metadata.name ?? "",
    user,
    dryRun,
    object,
    oldObject: undefined,
    options,
    warn,
    annotate,
  };
  await admission.admit(attributes, signal);
  await admission.validate(attributes, signal);
}

const protobufType = "application/vnd.kubernetes.protobuf";
const forms = ["application/json", "application/yaml", protobufType] as const;

/** The first form of the client's in which an object can be shown as it is. */
function formOf(exchange: Exchange): (typeof forms)[number] | undefined {
  for (const range of parseAccept(exchange.header("accept"))) {
    if (range.parameters["as"] !== undefined) continue;
    const form = forms.find((one) => accepts(range, one));
    if (form) return form;
  }
  return undefined;
}

/** Answers with an object that has no place in a cache. */
export function sendObject(context: RequestContext, status: number, object: object): void {
  const { exchange } = context;
  const form = formOf(exchange);
  if (form !== protobufType && form !== "application/yaml") {
    sendJson(exchange, status, object);
    return;
  }
  noteAnswer(exchange, object);
  const body =
    form === protobufType ? encodeProtobuf(object as Record<string, unknown>) : Buffer.from(yamlText(object));
  exchange.send(status, { "content-type": form, "cache-control": "no-cache, private" }, body);
}
