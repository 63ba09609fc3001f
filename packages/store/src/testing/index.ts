export { collectEvents, collectUntil, eventText } from "./collect.ts";
export { describeStore } from "./describe-store.ts";
export { openInMemoryStore } from "./in-memory.ts";
