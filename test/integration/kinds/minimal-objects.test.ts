import { expect } from "chai";
import { at, type Json, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";
import { minimalObjects } from "./minimal-objects.ts";

const applyPatch = { "content-type": "application/apply-patch+yaml" };
const mergePatch = { "content-type": "application/merge-patch+json" };

/** What of an answer does not depend on when, where and by whom. */
function comparable(json: Json): object {
  const uid = String(at(json, "metadata", "uid"));
  const text = JSON.stringify(json)
    .replaceAll(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-XXXXX")
    .replaceAll(/("lastPhaseTransitionTime":)"[^"]*"/g, '$1"TIME"')
    .replaceAll(uid, "UID");
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = JSON.parse(text);
  const { uid: _uid, creationTimestamp: _at, resourceVersion: _rv, managedFields: _fields, ...own } = metadata;
  return { metadata: own, ...rest };
}

describe("the least of every kind", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  for (const { what, path, body, expected } of minimalObjects) {
    it(`${what} is completed as by v1.35, and stays so`, async () => {
      const sent = { metadata: { name: "x" }, ...body };
      const created = await api.send("POST", `${path}?fieldManager=maker`, sent);
      expect(created.status, created.bytes.toString()).to.equal(201);
      expect(comparable(created.json)).to.deep.equal(expected);
      const managed = (at(created.json, "metadata", "managedFields") ?? []) as object[];
      // Of an object that says nothing there is nothing to own.
      for (const { manager, operation, fieldsType, apiVersion } of managed as Record<string, unknown>[]) {
        expect([manager, operation, fieldsType]).to.deep.equal(["maker", "Update", "FieldsV1"]);
        expect(apiVersion).to.equal(at(created.json, "apiVersion"));
      }

      const one = `${path}/${at(created.json, "metadata", "name")}`;
      const again = [
        await api.send("GET", one),
        await api.send("PUT", `${one}?fieldManager=other`, created.json),
        await api.send("PATCH", `${one}?fieldManager=other`, {}, mergePatch),
      ];
      for (const { json } of again) expect(json).to.deep.equal(created.json);

      const { apiVersion, kind } = created.json as { apiVersion: string; kind: string };
      // Lists that are owned whole differ from what was sent by their defaults, which counts as a change.
      const forced = `${one}?fieldManager=applier&force=true`;
      const applied = await api.send("PATCH", forced, { apiVersion, kind, ...sent }, applyPatch);
      expect(applied.status, applied.bytes.toString()).to.equal(200);
      expect(comparable(applied.json)).to.deep.equal(expected);
    });
  }
});
