import type { CommandDefinition } from "../command.ts";
import { defineDown } from "./down.ts";
import { defineImage } from "./image.ts";
import { defineKubectl } from "./kubectl.ts";
import { defineLogs } from "./logs.ts";
import { defineNode } from "./node.ts";
import { defineStatus } from "./status.ts";
import { defineUp } from "./up.ts";

/** Every command, in the order of the help text. */
export const commands: readonly CommandDefinition[] = [
  defineUp,
  defineDown,
  defineStatus,
  defineNode,
  defineImage,
  defineKubectl,
  defineLogs,
];
