import type { ProgramState } from "./program-keeper.ts";

export type NodePower = "on" | "off" | "partitioned";

/** What the supervisor tells over its control socket at `GET /status`. */
export interface SupervisorStatus {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly programs: readonly ProgramState[];
  readonly nodes: Readonly<Record<string, NodePower>>;
}

/** What can be done to a node: `POST /nodes/NAME/ACTION`. */
export const nodeActions = ["kill", "stop", "start", "partition", "heal"] as const;
export type NodeAction = (typeof nodeActions)[number];
