import type { FlowSchema, flowcontrolV1, PriorityLevelConfiguration } from "@tskube/api";
import { formatTime, isConflict, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { LocalObjects } from "../registry/objects.ts";
import { flowSchemaResource, priorityLevelResource } from "./follow-objects.ts";

export interface DanglingDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

const type = "Dangling";
const retryMs = 1_000;

/** The schema with its Dangling condition as it should be, or undefined if it is. */
export function withDangling(schema: FlowSchema, levelExists: boolean, nowMs: number): FlowSchema | undefined {
  const { conditions = [] } = schema.status ?? {};
  const present = conditions.find((condition) => condition.type === type);
  const wanted = wantedCondition(schema.spec.priorityLevelConfiguration.name, levelExists);
  const isSameStatus = present !== undefined && present.status === wanted.status;
  if (isSameStatus && present.reason === wanted.reason && present.message === wanted.message) return undefined;
  const lastTransitionTime = isSameStatus ? present.lastTransitionTime : formatTime(nowMs);
  const others = conditions.filter((condition) => condition !== present);
  return { ...schema, status: { ...schema.status, conditions: [...others, { ...wanted, lastTransitionTime }] } };
}

function wantedCondition(level: string, levelExists: boolean): flowcontrolV1.FlowSchemaCondition {
  const subject = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return levelExists
    ? { type, status: "False", reason: "Found", message: `${subject} and it exists` }
    : { type, status: "True", reason: "NotFound", message: `${subject} but there is no such object` };
}

/** Says in every schema's status whether its level exists, until `signal` aborts. Several servers say the same, and write it once. */
export async function keepDanglingConditions(deps: DanglingDeps, signal: AbortSignal): Promise<void> {
  const { objects, clock } = deps;
  const schemas = objects.reader<FlowSchema>(flowSchemaResource);
  const levels = objects.reader<PriorityLevelConfiguration>(priorityLevelResource);
  let isDue = false;
  let wake = () => {};
  const changed = () => {
    isDue = true;
    wake();
  };
  const stops = [schemas.subscribe(changed), levels.subscribe(changed)];
  signal.addEventListener("abort", changed, { once: true });
  while (!signal.aborted) {
    if (!isDue) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    isDue = false;
    const isDone = await writeAll(deps, schemas.list(), (name) => levels.get("", name) !== undefined);
    if (isDone) continue;
    isDue = true;
    await sleep(clock, retryMs, signal);
  }
  for (const stop of stops) stop();
}

async function writeAll(
  { objects, clock, logger }: DanglingDeps,
  schemas: readonly FlowSchema[],
  exists: (level: string) => boolean,
): Promise<boolean> {
  let isDone = true;
  for (const schema of schemas) {
    const changed = withDangling(schema, exists(schema.spec.priorityLevelConfiguration.name), clock.now());
    if (!changed) continue;
    try {
      await objects.updateStatus(flowSchemaResource, "", changed);
    } catch (error) {
      // Another server, or an operator, was faster: its event wakes us again.
      if (isConflict(error) || isNotFound(error)) continue;
      logger.warn({ schema: schema.metadata.name, reason: errorMessage(error) }, "cannot write a flow schema's status");
      isDone = false;
    }
  }
  return isDone;
}
