import type { PersistentVolume, Pod, VolumeAttachment } from "@tskube/api";
import type { LocalObjects } from "../../registry/objects.ts";
import { pinnedField } from "../authorization/pinned-field.ts";
import type { Attributes, Authorizer, Decision } from "../authorizer.ts";
import { type CompiledRules, compileRules, rulesAllow } from "../rbac/compiled-rules.ts";
import { NodeGraph } from "./node-graph.ts";
import { nodeIdentity } from "./node-identity.ts";
import { nodeRules } from "./node-rules.ts";

const allowed: Decision = { allowed: true, reason: "" };

function noOpinion(reason = ""): Decision {
  return { allowed: false, denied: false, reason };
}

/** What a decision about one node's request reads. */
interface NodeRequest {
  readonly nodeName: string;
  readonly attributes: Attributes;
  readonly name: string;
}

const readVerbs = new Set(["get", "list", "watch"]);
const ownObjectVerbs = new Set(["get", "create", "update", "patch", "delete"]);

/**
 * Lets each kubelet do what its own node and its own pods need, and nothing about others. Objects that concern single nodes are decided by the graph or
 * by name; all else by the rules of `system:node`.
 */
export class NodeAuthorizer implements Authorizer {
  readonly name = "Node";
  readonly #rules: CompiledRules = compileRules(nodeRules);
  readonly #graph: NodeGraph;
  readonly #attachmentNode: (name: string) => string | undefined;
  readonly #byResource: Readonly<Record<string, (request: NodeRequest) => Decision>>;

  /** `attachmentNode` tells the node of a VolumeAttachment. */
  constructor(graph: NodeGraph, attachmentNode: (name: string) => string | undefined) {
    this.#graph = graph;
    this.#attachmentNode = attachmentNode;
    const readReferenced = (request: NodeRequest) => this.#readReferenced(request);
    const getReferenced = (request: NodeRequest) => this.#getReferenced(request);
    this.#byResource = {
      "/secrets": readReferenced,
      "/configmaps": readReferenced,
      "/persistentvolumeclaims": (request) => this.#claim(request),
      "/persistentvolumes": getReferenced,
      "resource.k8s.io/resourceclaims": getReferenced,
      "storage.k8s.io/volumeattachments": (request) => this.#attachment(request),
      "/serviceaccounts": (request) => this.#serviceAccount(request),
      "coordination.k8s.io/leases": nodeLease,
      "storage.k8s.io/csinodes": csiNode,
      "resource.k8s.io/resourceslices": resourceSlice,
      "/nodes": node,
      "/pods": (request) => this.#pod(request),
    };
  }

  authorize(attributes: Attributes): Decision {
    const { isNode, nodeName } = nodeIdentity(attributes.user);
    if (!isNode) return noOpinion();
    if (!nodeName) return noOpinion(`unknown node for user "${attributes.user.name}"`);
    const decide = attributes.isResource && this.#byResource[`${attributes.group}/${attributes.resource}`];
    if (decide) return decide({ nodeName, attributes, name: attributes.name });
    return rulesAllow(this.#rules, attributes) ? allowed : noOpinion();
  }

  #readReferenced(request: NodeRequest): Decision {
    const { verb, subresource, namespace } = request.attributes;
    if (!readVerbs.has(verb)) return noOpinion("can only read resources of this type");
    if (subresource) return noOpinion("cannot read subresource");
    if (!namespace) return noOpinion("can only read namespaced object of this type");
    return this.#referenced(request);
  }

  #getReferenced(request: NodeRequest): Decision {
    if (request.attributes.verb !== "get") return noOpinion("can only get individual resources of this type");
    if (request.attributes.subresource) return noOpinion("cannot get subresource");
    return this.#referenced(request);
  }

  #referenced({ nodeName, attributes, name }: NodeRequest): Decision {
    if (!name) return noOpinion("No Object name found");
    const found = this.#graph.reaches(nodeName, attributes.resource, attributes.namespace, name);
    return found ? allowed : unrelated(nodeName);
  }

  #claim(request: NodeRequest): Decision {
    const { verb, subresource } = request.attributes;
    if (subresource !== "status") return this.#getReferenced(request);
    if (verb !== "update" && verb !== "patch" && verb !== "get") {
      return noOpinion("can only get/update/patch status subresource");
    }
    return this.#referenced(request);
  }

  #attachment({ nodeName, attributes, name }: NodeRequest): Decision {
    if (attributes.verb !== "get") return noOpinion("can only get individual resources of this type");
    if (attributes.subresource) return noOpinion("cannot get subresource");
    return this.#attachmentNode(name) === nodeName ? allowed : unrelated(nodeName);
  }

  #serviceAccount(request: NodeRequest): Decision {
    const { verb, subresource } = request.attributes;
    if (subresource === "token") {
      if (verb !== "create" || !request.name) {
        return noOpinion("can only create tokens for individual service accounts");
      }
      return this.#referenced(request);
    }
    return this.#getReferenced(request);
  }

  #pod({ nodeName, attributes, name }: NodeRequest): Decision {
    const { verb, subresource } = attributes;
    if (subresource === "status") return verb === "update" || verb === "patch" ? allowed : noOpinion();
    if (subresource === "eviction") return verb === "create" ? allowed : noOpinion();
    if (subresource) return noOpinion();
    if (verb === "create" || verb === "delete") return allowed; // NodeRestriction looks at which
    if (verb === "get") {
      return this.#graph.hasPod(nodeName, attributes.namespace, name) ? allowed : unrelated(nodeName);
    }
    if (verb === "list" || verb === "watch") {
      return pinnedField(attributes.fieldSelector, "spec.nodeName") === nodeName
        ? allowed
        : noOpinion("can only list/watch pods with spec.nodeName field selector");
    }
    return noOpinion();
  }
}

function unrelated(nodeName: string): Decision {
  return noOpinion(`no relationship found between node '${nodeName}' and this object`);
}

function nodeLease({ nodeName, attributes, name }: NodeRequest): Decision {
  const { verb, namespace } = attributes;
  if (!ownObjectVerbs.has(verb)) return noOpinion("can only get, create, update, patch, or delete a node lease");
  if (namespace !== "kube-node-lease") {
    return noOpinion('can only access leases in the "kube-node-lease" system namespace');
  }
  // On create the name stands in the body, which NodeRestriction looks at.
  if (verb !== "create" && name !== nodeName) {
    return noOpinion("can only access node lease with the same name as the requesting node");
  }
  return allowed;
}

function csiNode({ nodeName, attributes, name }: NodeRequest): Decision {
  const { verb, subresource } = attributes;
  if (!ownObjectVerbs.has(verb)) return noOpinion("can only get, create, update, patch, or delete a CSINode");
  if (subresource) return noOpinion("cannot authorize CSINode subresources");
  if (verb !== "create" && name !== nodeName) {
    return noOpinion("can only access CSINode with the same name as the requesting node");
  }
  return allowed;
}

function resourceSlice({ nodeName, attributes }: NodeRequest): Decision {
  if (attributes.subresource) return noOpinion("cannot authorize ResourceSlice subresources");
  switch (attributes.verb) {
    // NodeRestriction compares the node in the object with the requester.
    case "create":
    case "get":
    case "update":
    case "patch":
    case "delete":
      return allowed;
    case "watch":
    case "list":
    case "deletecollection":
      return pinnedField(attributes.fieldSelector, "spec.nodeName") === nodeName
        ? allowed
        : noOpinion("can only list/watch/deletecollection resourceslices with spec.nodeName field selector");
    default:
      return noOpinion(
        "only the following verbs are allowed for a ResourceSlice: create, get, update, patch, delete, watch, list, deletecollection",
      );
  }
}

function node({ nodeName, attributes, name }: NodeRequest): Decision {
  const { verb, subresource } = attributes;
  if (subresource === "status") return verb === "update" || verb === "patch" ? allowed : noOpinion();
  if (subresource) return noOpinion();
  // NodeRestriction keeps a node to its own object.
  if (verb === "create" || verb === "update" || verb === "patch") return allowed;
  if (!readVerbs.has(verb)) return noOpinion();
  if (name === nodeName) return allowed;
  return noOpinion(
    name
      ? `node '${nodeName}' cannot read '${name}', only its own Node object`
      : `node '${nodeName}' cannot read all nodes, only its own Node object`,
  );
}

/** A NodeAuthorizer that follows the cluster's pods and volumes until closed. */
export function startNodeAuthorizer(objects: LocalObjects): NodeAuthorizer & { close(): void } {
  const graph = new NodeGraph();
  const stops = [
    objects.reader<Pod>({ group: "", resource: "pods" }).subscribe((change) => {
      if (change.type === "DELETED") graph.removePod(change.object);
      else graph.setPod(change.object);
    }),
    objects.reader<PersistentVolume>({ group: "", resource: "persistentvolumes" }).subscribe((change) => {
      if (change.type === "DELETED") graph.removeVolume(change.object);
      else graph.setVolume(change.object);
    }),
  ];
  const attachments = () =>
    objects.reader<VolumeAttachment>({ group: "storage.k8s.io", resource: "volumeattachments" });
  const authorizer = new NodeAuthorizer(graph, (name) => attachments().get("", name)?.spec.nodeName);
  return Object.assign(authorizer, {
    close() {
      for (const stop of stops) stop();
    },
  });
}
