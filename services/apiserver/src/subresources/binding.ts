import type { Binding, KubeObject, Pod } from "@tskube/api";
import { conflict, field, formatTime, invalid, Path } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Handler, RequestContext } from "../http/context.ts";
import { builtInCodec } from "../resources/built-in-codec.ts";
import { bodyFormat, readBody } from "../resources/read-body.ts";
import { sendJson } from "../resources/respond.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { decodeRequest, writeScope } from "../resources/write-options.ts";

const codec = builtInCodec({ group: "", version: "v1", kind: "Binding" }, "core/v1.Binding");
const bindings = { group: "", resource: "pods/binding" };

/** Answers `pods/NAME/binding`, and `bindings` whose object bears the pod's name: puts a pod on a node, once and for ever. */
export function serveBinding(pods: ServedResource, clock: Clock): Handler {
  return async (context) => {
    const format = bodyFormat(context.exchange);
    const body = await readBody(context.exchange);
    const binding = codec.decode(body, format, decodeRequest(context, "CreateOptions")) as Binding;
    await bind(context, pods, binding, formatTime(clock.now()));
    sendJson(context.exchange, 201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
  };
}

async function bind(context: RequestContext, pods: ServedResource, binding: Binding, time: string): Promise<void> {
  const name = context.info.subresource === "binding" ? context.info.name : binding.metadata.name;
  const node = binding.target.name ?? "";
  const errors = node === "" ? [field.required(Path.of("target", "name"))] : [];
  if (binding.target.kind && binding.target.kind !== "Node") {
    errors.push(field.notSupported(Path.of("target", "kind"), binding.target.kind, ["Node", "<empty>"]));
  }
  if (errors.length > 0) throw invalid({ group: "", kind: "Binding" }, name, errors);
  const scope = writeScope(context, "CreateOptions");
  await pods.store.admit(scope, {
    operation: "CREATE",
    subresource: "binding",
    kind: "Binding",
    name,
    object: binding,
  });
  await pods.store.update(scope, name, {
    subresource: "binding",
    // The scheduler's choice is no change of what the pod's author wants.
    rules: { keepsGeneration: true },
    mayCreate: false,
    recordsFields: false,
    change: (current) => assigned(current as Pod, binding, name, time),
  });
}

function assigned(pod: Pod, binding: Binding, name: string, time: string): KubeObject {
  const { metadata, spec, status } = pod;
  const { uid, resourceVersion } = binding.metadata;
  if (uid && uid !== metadata.uid) {
    throw conflict(
      bindings,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      bindings,
      name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
  if (metadata.deletionTimestamp) {
    throw conflict(bindings, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (spec.nodeName) throw conflict(bindings, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  if (spec.schedulingGates?.length) {
    throw conflict(bindings, name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
  const others = (status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: time };
  const annotations = { ...metadata.annotations, ...binding.metadata.annotations };
  const labels = { ...metadata.labels, ...binding.metadata.labels };
  return {
    ...pod,
    metadata: {
      ...metadata,
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
    spec: { ...spec, nodeName: binding.target.name },
    status: { ...status, conditions: [...others, scheduled] },
  } as Pod;
}
