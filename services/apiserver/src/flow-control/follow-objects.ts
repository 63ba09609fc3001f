import type { FlowSchema, PriorityLevelConfiguration } from "@tskube/api";
import type { LocalObjects } from "../registry/objects.ts";
import type { FlowControl } from "./flow-control.ts";

const group = "flowcontrol.apiserver.k8s.io";
export const flowSchemaResource = { group, resource: "flowschemas" };
export const priorityLevelResource = { group, resource: "prioritylevelconfigurations" };

/** Keeps flow control as the API's objects say; many changes at once are taken in together. The returned function ends it. */
export function followFlowObjects(control: FlowControl, objects: LocalObjects): () => void {
  const schemas = objects.reader<FlowSchema>(flowSchemaResource);
  const levels = objects.reader<PriorityLevelConfiguration>(priorityLevelResource);
  let isDue = false;
  const takeIn = () => {
    isDue = false;
    control.configure(schemas.list(), levels.list());
  };
  const changed = () => {
    if (isDue) return;
    isDue = true;
    setImmediate(takeIn);
  };
  const stops = [schemas.subscribe(changed), levels.subscribe(changed)];
  takeIn();
  return () => {
    for (const stop of stops) stop();
  };
}
