import type { KubeObject } from "@tskube/api";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { at, type Json, watchEvents } from "../integration/apiserver/open-test-server.ts";
import type { Api } from "./open-api.ts";

const mergePatch = { "content-type": "application/merge-patch+json" };
const applyPatch = { "content-type": "application/apply-patch+yaml" };
const watchMs = 10_000;

/** What a test of a kind's whole set of verbs needs to know. */
export interface KindUnderTest {
  /** `v1` or `GROUP/VERSION`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespace?: string;
  /** All but apiVersion, kind, name and labels. */
  readonly body: Readonly<Record<string, unknown>>;
  /** A status to be written through the subresource; without it the kind is taken to have none. */
  readonly status?: Readonly<Record<string, unknown>>;
  /** Kinds whose names follow a rule of their own. */
  readonly nameOf?: (index: number) => string;
}

/** Takes three objects through discovery, create, get, list, watch, patch, apply, update, status, delete and deletecollection. */
export async function checkOperations(api: Api, kind: KindUnderTest): Promise<void> {
  const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  const path = `${root}${kind.namespace ? `/namespaces/${kind.namespace}` : ""}/${kind.resource}`;
  const label = `e2e=${kind.resource}`;
  const nameOf = kind.nameOf ?? ((index: number) => `e2e-${kind.resource}-${index}`);
  const object = (index: number) => ({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: nameOf(index), labels: { e2e: kind.resource } },
    ...kind.body,
  });

  await expectDiscovered(api, root, kind);
  const stop = AbortSignal.timeout(watchMs);
  const { json: before } = await api.send("GET", `${path}?labelSelector=${label}`);
  const since = at(before, "metadata", "resourceVersion");
  const events = watchEvents(api.transport, `${path}?watch=true&labelSelector=${label}&resourceVersion=${since}`, stop);
  try {
    for (const index of [0, 1, 2]) {
      const created = await succeed(api, 201, "POST", path, object(index));
      const read = await succeed(api, 200, "GET", `${path}/${nameOf(index)}`);
      expect(ofClient(read)).to.deep.equal(ofClient(created));
      await nextThat(events, "ADDED", ({ metadata }) => metadata.name === nameOf(index));
    }
    const listed = await succeed(api, 200, "GET", `${path}?labelSelector=${label}`);
    expect(at(listed, "items")).to.have.length(3);
    if (kind.namespace) {
      const everywhere = await succeed(api, 200, "GET", `${root}/${kind.resource}?labelSelector=${label}`);
      expect(at(everywhere, "items")).to.have.length(3);
    }
    await changeEachWay(api, `${path}/${nameOf(0)}`, object(0));
    for (const annotation of ["patched", "applied", "updated"]) {
      await nextThat(events, "MODIFIED", ({ metadata }) => metadata.annotations?.[annotation] === "true");
    }
    if (kind.status) await changeStatus(api, `${path}/${nameOf(1)}`, kind.status);
    await succeed(api, 200, "DELETE", `${path}/${nameOf(0)}`);
    expect((await api.send("GET", `${path}/${nameOf(0)}`)).status).to.equal(404);
    await succeed(api, 200, "DELETE", `${path}?labelSelector=${label}`);
    expect(at(await succeed(api, 200, "GET", `${path}?labelSelector=${label}`), "items")).to.have.length(0);
  } finally {
    await events.return(undefined);
  }
}

async function expectDiscovered(api: Api, root: string, kind: KindUnderTest): Promise<void> {
  if (root.startsWith("/apis/")) {
    const groups = at(await succeed(api, 200, "GET", "/apis"), "groups") as { versions: { groupVersion: string }[] }[];
    const versions = groups.flatMap((group) => group.versions.map((version) => version.groupVersion));
    expect(versions).to.include(kind.apiVersion);
  }
  const resources = at(await succeed(api, 200, "GET", root), "resources") as { name: string; verbs: string[] }[];
  const found = resources.find(({ name }) => name === kind.resource);
  expect(found?.verbs).to.include.members([
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
  ]);
  if (kind.status) expect(resources.map(({ name }) => name)).to.include(`${kind.resource}/status`);
}

async function changeEachWay(api: Api, path: string, object: { apiVersion: string; kind: string }): Promise<void> {
  const { apiVersion, kind } = object;
  const annotate = (name: string) => ({ metadata: { annotations: { [name]: "true" } } });
  await succeed(api, 200, "PATCH", path, annotate("patched"), mergePatch);
  const applied = { apiVersion, kind, ...annotate("applied") };
  const present = await succeed(api, 200, "PATCH", `${path}?fieldManager=e2e`, applied, applyPatch);
  const annotations = { ...(at(present, "metadata", "annotations") as object), updated: "true" };
  const updated = await eventually(async () => {
    const current = await succeed(api, 200, "GET", path);
    const metadata = { ...(at(current, "metadata") as object), annotations };
    return succeed(api, 200, "PUT", path, { ...current, metadata });
  });
  expect(at(updated, "metadata", "annotations")).to.deep.equal({ patched: "true", applied: "true", updated: "true" });
  const stale = await api.send("PUT", path, present);
  expect(stale.status).to.equal(409);
}

async function changeStatus(api: Api, path: string, status: Readonly<Record<string, unknown>>): Promise<void> {
  const patched = await succeed(api, 200, "PATCH", `${path}/status`, { status }, mergePatch);
  expect(at(patched, "status")).to.deep.include(status);
  await eventually(async () => {
    const read = await succeed(api, 200, "GET", `${path}/status`);
    const updated = await succeed(api, 200, "PUT", `${path}/status`, read);
    expect(at(updated, "status")).to.deep.equal(at(read, "status"));
  });
}

/** What nobody but the test writes: a server that runs may report a status at any time. */
function ofClient(object: Json): object {
  const { metadata, status: _status, ...rest } = object as { metadata: Record<string, unknown>; status?: unknown };
  const { resourceVersion: _version, managedFields: _fields, ...own } = metadata;
  return { ...rest, metadata: own };
}

type Events = AsyncGenerator<{ readonly type: string; readonly object: Json }>;

/** Reads events up to the first of the type that fits. */
async function nextThat(events: Events, type: string, fits: (object: KubeObject) => boolean): Promise<void> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the watch ended before such a ${type} event`);
    if (value.type === type && fits(value.object as KubeObject)) return;
  }
}

/** The body of an answer that must have `status`; anything else fails with what the server said. */
export async function succeed(
  api: Api,
  status: number,
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<Json> {
  const answer = await api.send(method, path, body, headers);
  expect(answer.status, `${method} ${path}: ${answer.bytes.toString().slice(0, 500)}`).to.equal(status);
  return answer.json;
}

/** The object of the next event, which must be this one. */
export async function nextIs(events: Events, type: string, name: string): Promise<Json> {
  const { value } = await events.next();
  expect([value?.type, at(value?.object, "metadata", "name")]).to.deep.equal([type, name]);
  return value.object;
}
