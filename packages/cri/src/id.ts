import { randomBytes } from "node:crypto";

/** A new sandbox or container id: 64 hexadecimal digits, as containerd's. */
export const newId = (): string => randomBytes(32).toString("hex");
