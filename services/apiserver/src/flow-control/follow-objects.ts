import type { FlowSchema, KubeObject, PriorityLevelConfiguration } from "@tskube/api";
import type { FieldError } from "@tskube/apimachinery";
import { errorMessage, type Logger } from "@tskube/base";
import { validateFlowSchema } from "../kinds/flowcontrol/validate-flow-schema.ts";
import { validatePriorityLevel } from "../kinds/flowcontrol/validate-priority-level.ts";
import type { LocalObjects } from "../registry/objects.ts";
import type { FlowControl } from "./flow-control.ts";

const group = "flowcontrol.apiserver.k8s.io";
export const flowSchemaResource = { group, resource: "flowschemas" };
export const priorityLevelResource = { group, resource: "prioritylevelconfigurations" };

/** Keeps flow control as the API's objects say; many changes at once are taken in together. The returned function ends it. */
export function followFlowObjects(control: FlowControl, objects: LocalObjects, logger: Logger): () => void {
  const schemas = objects.reader<FlowSchema>(flowSchemaResource);
  const levels = objects.reader<PriorityLevelConfiguration>(priorityLevelResource);
  let isDue = false;
  const takeIn = () => {
    isDue = false;
    control.configure(
      sound(schemas.list(), validateFlowSchema, logger),
      sound(levels.list(), validatePriorityLevel, logger),
    );
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

/** The objects that make sense: the store may have some that a server of another version, or nobody, has checked. */
export function sound<T extends KubeObject>(
  objects: readonly T[],
  validate: (object: T) => FieldError[],
  logger: Logger,
): readonly T[] {
  return objects.filter((object) => {
    const complaint = complaintAbout(object, validate);
    if (complaint !== undefined) {
      logger.warn(
        { kind: object.kind, name: object.metadata.name, reason: complaint },
        "flow control passes an object by",
      );
    }
    return complaint === undefined;
  });
}

function complaintAbout<T>(object: T, validate: (object: T) => FieldError[]): string | undefined {
  try {
    const [first] = validate(object);
    return first && `${first.field}: ${first.detail}`;
  } catch (error) {
    return errorMessage(error);
  }
}
