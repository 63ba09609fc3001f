import type { LocalObjects } from "../../../registry/objects.ts";
import type { AdmissionAttributes } from "../../plugin.ts";

/** A write that the kubelet of `nodeName` asks for. */
export interface NodeWrite {
  readonly attributes: AdmissionAttributes;
  readonly nodeName: string;
  readonly objects: LocalObjects;
}

/** Throws `forbidden` for a write that is not about the node's own. */
export type NodeCheck = (write: NodeWrite) => Promise<void> | void;
