import type { KubeObject, Node, Pod, ServiceAccount, TokenRequest } from "@tskube/api";
import {
  badRequest,
  conflict,
  type FieldError,
  field,
  invalid,
  notFound,
  Path,
  parseGroupVersion,
} from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { ObjectClaim, PrivateClaims } from "./claims.ts";
import type { TokenIssuer } from "./token-issuer.ts";

export interface RequestTokenDeps {
  readonly objects: LocalObjects;
  readonly issuer: TokenIssuer;
  readonly clock: Clock;
  /** Tells the client what it should know about its request. */
  readonly warn?: (message: string) => void;
}

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;

/**
 * Answers a create of `serviceaccounts/NAME/token` with the token in the status. Fields that the request leaves out are filled in as in the
 * answer of upstream: audiences and life.
 */
export async function requestToken(
  namespace: string,
  name: string,
  request: TokenRequest,
  deps: RequestTokenDeps,
): Promise<TokenRequest> {
  const { metadata, spec } = request;
  if (metadata?.name && metadata.name !== name) {
    throw badRequest(`service account name mismatch: ${metadata.name} (request) != ${name} (URL)`);
  }
  if (metadata?.namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const requested = spec.expirationSeconds ?? defaultSeconds;
  const errors = validateLife(requested);
  if (errors.length > 0)
    throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest" }, metadata?.name ?? "", errors);
  const account = await deps.objects.get<ServiceAccount>({ group: "", resource: "serviceaccounts" }, namespace, name);
  const bound = spec.boundObjectRef ? await boundClaims(account, spec.boundObjectRef, deps.objects) : {};
  const expirationSeconds = Math.min(requested, deps.issuer.maxExpirationSeconds ?? requested);
  if (expirationSeconds < requested) {
    deps.warn?.(`requested expiration of ${requested} seconds shortened to ${expirationSeconds} seconds`);
  }
  const audiences = spec.audiences?.length ? spec.audiences : [...deps.issuer.apiAudiences];
  const token = await deps.issuer.issue({
    claims: { namespace, serviceaccount: claimOf(account), ...bound },
    audiences,
    expirationSeconds,
  });
  const expiresMs = (Math.floor(deps.clock.now() / 1000) + expirationSeconds) * 1000;
  return {
    ...request,
    metadata: { ...metadata, name, namespace, creationTimestamp: timestamp(deps.clock.now()) },
    spec: { ...spec, audiences, expirationSeconds },
    status: { token, expirationTimestamp: timestamp(expiresMs) },
  };
}

function validateLife(seconds: number): FieldError[] {
  const path = Path.of("spec", "expirationSeconds");
  if (seconds < minSeconds) return [field.invalid(path, seconds, "may not specify a duration less than 10 minutes")];
  if (seconds > maxSeconds)
    return [field.invalid(path, seconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}

type BoundReference = NonNullable<TokenRequest["spec"]["boundObjectRef"]>;
type BoundClaims = Pick<PrivateClaims, "pod" | "secret" | "node">;

async function boundClaims(
  account: ServiceAccount,
  reference: BoundReference,
  objects: LocalObjects,
): Promise<BoundClaims> {
  const { kind, apiVersion, name = "" } = reference;
  const namespace = account.metadata.namespace ?? "";
  const fetch = async <T extends KubeObject>(resource: string, inNamespace: string): Promise<T> => {
    if (!name) throw notFound({ group: "", resource }, name);
    const object = await objects.get<T>({ group: "", resource }, inNamespace, name);
    checkUid(reference, object);
    return object;
  };
  const { group, version } = parseGroupVersion(apiVersion ?? "");
  switch (group === "" ? kind : "") {
    case "Pod": {
      const pod = await fetch<Pod>("pods", namespace);
      if (pod.spec.serviceAccountName !== account.metadata.name) {
        throw badRequest(
          `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`,
        );
      }
      return { pod: claimOf(pod), ...nodeClaim(pod.spec.nodeName, objects) };
    }
    case "Secret":
      return { secret: claimOf(await fetch("secrets", namespace)) };
    case "Node":
      return { node: claimOf(await fetch<Node>("nodes", "")) };
    default:
      throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind ?? ""}`);
  }
}

function checkUid(reference: BoundReference, object: KubeObject): void {
  const actual = object.metadata.uid ?? "";
  if (!reference.uid || reference.uid === actual) return;
  throw conflict(
    { group: "", resource: reference.kind ?? "" },
    reference.name ?? "",
    `the UID in the bound object reference (${reference.uid}) does not match the UID in record (${actual}). The object might have been deleted and then recreated`,
  );
}

/** The node a pod runs on is told with its token; a node that is not there yet is told by name. */
function nodeClaim(nodeName: string | undefined, objects: LocalObjects): Pick<PrivateClaims, "node"> {
  if (!nodeName) return {};
  const node = objects.reader<Node>({ group: "", resource: "nodes" }).get("", nodeName);
  return { node: { name: nodeName, uid: node?.metadata.uid ?? "" } };
}

function claimOf(object: KubeObject): ObjectClaim {
  return { name: object.metadata.name, uid: object.metadata.uid ?? "" };
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
