import { createHash } from "node:crypto";
import { encodeOpenapiV2 } from "@tskube/api";
import { isJsonObject, type JsonObject } from "@tskube/apimachinery";
import type { Clock, Logger } from "@tskube/base";
import { startKeyedWorkers } from "../keyed-workers.ts";
import { type Fetched, type FetchOptions, fetchRemote } from "../proxy/fetch-remote.ts";
import { openapiUser } from "../proxy/own-users.ts";
import type { Remote } from "../proxy/remote.ts";
import type { Remotes } from "../proxy/remotes.ts";
import { convertV2 } from "./convert-v2.ts";
import { partBelow } from "./merge-v2.ts";
import { section } from "./references.ts";

export interface RemoteOpenapiDeps {
  readonly remotes: Remotes;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What extension servers' documents say of the versions that they answer for. Never waits for anybody. */
export interface RemoteOpenapi {
  /** Parts of a version 2 document, and a text that is another one whenever they are. */
  v2(): { readonly id: string; readonly parts: readonly JsonObject[] };
  /** Where the version 3 documents are, with their hashes: `apis/GROUP/VERSION` → URL. */
  v3(): ReadonlyMap<string, string>;
  /** Whether the path's version 3 document is asked for at the other server. */
  isElsewhere(path: string): boolean;
  /** The version 3 document of a path whose server only has version 2. */
  converted(path: string): JsonObject | undefined;
  close(): Promise<void>;
}

interface Known {
  readonly remote: Remote;
  readonly part: JsonObject | undefined;
  readonly etag: string | undefined;
  /** Tells the part from others. */
  readonly hash: string;
  /** Absent when the server has no version 3. */
  readonly v3Url: string | undefined;
}

const workerCount = 2;
const refreshMs = 60_000;
const timeoutMs = 60_000;
const limitBytes = 64 * 1024 * 1024;

/** Gets extension servers' documents when they change, and every minute if they are others by then. */
export function startRemoteOpenapi({ remotes, ...deps }: RemoteOpenapiDeps): RemoteOpenapi {
  const known = new Map<string, Known>();
  const workers = startKeyedWorkers("openapi", workerCount, {
    ...deps,
    async reconcile(name, signal) {
      const remote = remotes.get(name);
      // What a server said that is away now still holds.
      if (!remote?.isAvailable) return undefined;
      const next = await ask(remote, known.get(name), signal);
      if (remotes.get(name) === remote) known.set(name, next);
      return refreshMs;
    },
  });
  const stop = remotes.listen((name) => {
    if (remotes.get(name)) workers.add(name);
    else known.delete(name);
  });
  const all = () => [...known.values()];
  return {
    v2() {
      const have = all().filter(({ part }) => part !== undefined);
      return { id: have.map(({ hash }) => hash).join(" "), parts: have.flatMap(({ part }) => (part ? [part] : [])) };
    },
    v3() {
      const have = all().filter(({ part, v3Url }) => part !== undefined || v3Url !== undefined);
      return new Map(have.map((one) => [pathOf(one.remote), one.v3Url ?? convertedUrl(one)]));
    },
    isElsewhere: (path) => all().some((one) => one.v3Url !== undefined && pathOf(one.remote) === path),
    converted(path) {
      const found = all().find((one) => one.v3Url === undefined && pathOf(one.remote) === path);
      return found?.part && convertedOf(found.part);
    },
    async close() {
      stop();
      await workers.close();
    },
  };
}

const conversions = new WeakMap<JsonObject, JsonObject>();

function convertedOf(part: JsonObject): JsonObject {
  const known = conversions.get(part) ?? convertV2(part);
  conversions.set(part, known);
  return known;
}

function pathOf({ path }: Remote): string {
  return path.slice(1);
}

function convertedUrl({ remote, hash }: Known): string {
  return `/openapi/v3${remote.path}?hash=${hash}`;
}

async function ask(remote: Remote, before: Known | undefined, signal: AbortSignal): Promise<Known> {
  const options = { user: openapiUser, accept: "application/json", timeoutMs, limitBytes, signal };
  const v3Url = await askV3(remote, options);
  const etag = before?.remote === remote ? before.etag : undefined;
  const answer = await fetchRemote(remote, "/openapi/v2", { ...options, etag });
  if (answer.status === 304 && before) return { ...before, v3Url };
  if (answer.status >= 500) throw new Error(`/openapi/v2 was answered with status ${answer.status}`);
  if (answer.status !== 200) return { remote, part: undefined, etag: undefined, hash: "", v3Url };
  const document = parse(answer);
  const part = usablePart(document, remote.path);
  return { remote, part, etag: answer.etag, hash: hashOf(answer.body), v3Url };
}

/** Undefined for a document that cannot be written, such as one nested without end: it would take everybody's with it. */
function usablePart(document: JsonObject, path: string): JsonObject | undefined {
  try {
    const part = { info: section(document, "info"), ...partBelow(document, path) };
    encodeOpenapiV2(part);
    return part;
  } catch {
    return undefined;
  }
}

async function askV3(remote: Remote, options: FetchOptions): Promise<string | undefined> {
  const answer = await fetchRemote(remote, "/openapi/v3", options);
  if (answer.status >= 500) throw new Error(`/openapi/v3 was answered with status ${answer.status}`);
  if (answer.status !== 200) return undefined;
  const entry = section(section(parse(answer), "paths"), pathOf(remote));
  const url = entry["serverRelativeURL"];
  const isOwn = typeof url === "string" && url.startsWith(`/openapi/v3${remote.path}?`);
  return isOwn ? url : undefined;
}

function parse({ body }: Fetched): JsonObject {
  const document: unknown = JSON.parse(body.toString("utf8"));
  if (!isJsonObject(document)) throw new Error("the document is no object");
  return document;
}

function hashOf(body: Buffer): string {
  return createHash("sha512").update(body).digest("hex").slice(0, 64).toUpperCase();
}
