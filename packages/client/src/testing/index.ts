export { FakeApi, type FakeApiOptions, type Reactor, type SeenRequest } from "./fake-api.ts";
export { FakeStore, type StoredChange } from "./fake-store.ts";
export type { FakeWatch } from "./fake-watch.ts";
