import type { autoscalingV1, KubeObject } from "@tskube/api";
import {
  badRequest,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  methodNotSupported,
  selectorFromLabels,
} from "@tskube/apimachinery";
import type { Handler, RequestContext } from "../http/context.ts";
import { builtInCodec } from "./built-in-codec.ts";
import { readPatch } from "./patch.ts";
import { bodyFormat, bodyType, readBody } from "./read-body.ts";
import { readObject } from "./read-objects.ts";
import type { ServedResource } from "./served-resource.ts";
import { sendObject } from "./virtual-resources.ts";
import { decodeRequest, writeScope } from "./write-options.ts";

type Scale = autoscalingV1.Scale;

/** What scalable kinds have in common. */
interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelectorLike | Record<string, string> };
  status?: { replicas?: number };
}

/** What of an object `/scale` shows and changes. */
export interface ReplicaAccess {
  /** Throws for an object that does not say how many replicas it wants, where that is not the same as none. */
  mustHave?(object: KubeObject): void;
  read(object: KubeObject): { readonly replicas: number; readonly current: number; readonly selector: string };
  /** A copy of the object that wants so many replicas. */
  write(object: KubeObject, replicas: number): KubeObject;
}

const builtInReplicas: ReplicaAccess = {
  read: ({ spec, status }: Scalable) => ({
    replicas: spec?.replicas ?? 0,
    current: status?.replicas ?? 0,
    selector: selectorText(spec?.selector),
  }),
  write: (object: Scalable, replicas) => ({ ...object, spec: { ...object.spec, replicas } }) as KubeObject,
};

const scaleKind = { group: "autoscaling", version: "v1", kind: "Scale" };
const codec = builtInCodec(scaleKind, "autoscaling/v1.Scale");

/** Answers `/scale`: the number of replicas of any kind, in one form for all. */
export function serveScale(resource: ServedResource): Handler {
  const access = resource.replicas ?? builtInReplicas;
  return async (context) => {
    const { info } = context;
    switch (info.verb) {
      case "get": {
        const { object } = await readObject(resource, info.namespace, info.name, undefined);
        access.mustHave?.(object);
        return sendObject(context, 200, scaleOf(object, access));
      }
      case "update": {
        const format = bodyFormat(context.exchange);
        const body = await readBody(context.exchange);
        const sent = codec.decode(body, format, decodeRequest(context, "UpdateOptions")) as Scale;
        return change(context, resource, access, "UpdateOptions", () => sent);
      }
      case "patch": {
        const request = decodeRequest(context, "PatchOptions");
        const patch = readPatch(bodyType(context.exchange), await readBody(context.exchange), codec.type, request);
        context.exchange.audit?.patched(patch.value);
        return change(
          context,
          resource,
          access,
          "PatchOptions",
          (current) => codec.readPatched(patch.apply(current), patch.duplicates, request, patch.describe) as Scale,
        );
      }
      default:
        throw methodNotSupported(resource.info, info.verb);
    }
  };
}

async function change(
  context: RequestContext,
  resource: ServedResource,
  access: ReplicaAccess,
  options: string,
  next: (current: Scale) => Scale,
): Promise<void> {
  const { info } = context;
  const { entry } = await resource.store.update(writeScope(context, options), info.name, {
    subresource: "scale",
    rules: resource.strategy,
    mayCreate: false,
    recordsFields: true,
    seen: {
      kind: "Scale",
      show: (object) => scaleOf(object, access) as KubeObject,
      take: (object, seen) => access.write(object, (seen as Scale).spec?.replicas ?? 0),
    },
    change(current) {
      if (!current) throw methodNotSupported(resource.info, info.verb);
      return withReplicas(current, next(scaleOf(current, access)), info.name, access);
    },
  });
  sendObject(context, 200, scaleOf(entry.object, access));
}

function withReplicas(object: KubeObject, scale: Scale, name: string, access: ReplicaAccess): KubeObject {
  if (scale.metadata.name && scale.metadata.name !== name) {
    throw badRequest(`the name of the object (${scale.metadata.name}) does not match the name on the URL (${name})`);
  }
  const { resourceVersion, uid } = scale.metadata;
  const metadata = { ...object.metadata, ...(resourceVersion && { resourceVersion }), ...(uid && { uid }) };
  return access.write({ ...object, metadata }, scale.spec?.replicas ?? 0);
}

function scaleOf(object: KubeObject, access: ReplicaAccess): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas, current, selector } = access.read(object);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas },
    status: { replicas: current, ...(selector && { selector }) },
  };
}

/** ReplicationControllers select by plain labels, all others by a LabelSelector. */
function selectorText(selector: LabelSelectorLike | Record<string, string> | undefined): string {
  if (!selector) return "";
  const isPlain = !("matchLabels" in selector) && !("matchExpressions" in selector);
  return isPlain
    ? selectorFromLabels(selector as Record<string, string>).toString()
    : labelSelectorAsSelector(selector as LabelSelectorLike).toString();
}
