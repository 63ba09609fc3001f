import { openEtcdStore, type Store } from "@tskube/store";
import { openInMemoryStore } from "@tskube/store/testing";
import { expect } from "chai";
import { eventually } from "../apiserver/eventually.ts";
import { at, openServerOver, type TestServer, watchEvents } from "../apiserver/open-test-server.ts";
import { type EtcdProcess, startEtcd } from "../store/etcd-process.ts";
import { type EncryptionEntry, type EncryptionFile, encryptionFile, identity, keyed } from "./encryption-file.ts";

const password = "correct horse battery staple";
const secretsPath = "/api/v1/namespaces/default/secrets";
const rawKey = (name: string) => `/registry/core/secrets/default/${name}`;
/** Reads what any of the tests wrote. */
const others = [
  keyed("aesgcm", ["key1", 1], ["key2", 2]),
  keyed("secretbox", ["key1", 1]),
  keyed("aescbc", ["key1", 1]),
  identity,
];
const secret = (name: string) => ({ metadata: { name }, stringData: { password } });

const stores: readonly [name: string, open: () => Promise<Store>][] = [["embedded", () => openInMemoryStore()]];
let etcd: EtcdProcess | undefined;
stores
  .concat([
    [
      "etcd",
      async () => {
        etcd = await startEtcd();
        return openEtcdStore({ endpoints: etcd.endpoints });
      },
    ],
  ])
  .forEach(([name, openStore]) => {
    describe(`encryption at rest on ${name}`, () => {
      let store: Store;
      let file: EncryptionFile;
      let api: TestServer | undefined;

      before(async function () {
        this.timeout(20_000);
        store = await openStore();
        file = encryptionFile();
      });
      afterEach(() => api?.close());
      after(async () => {
        await store.close();
        file.remove();
        await etcd?.stop();
        etcd = undefined;
      });

      const serve = async (reloads: boolean, ...entries: readonly EncryptionEntry[]): Promise<TestServer> => {
        file.write(...entries);
        api = await openServerOver(store, { encryption: { path: file.path, reloads } });
        return api;
      };
      const raw = async (key: string) => (await store.get(key)).item?.value.toString("latin1") ?? "";

      for (const provider of ["aescbc", "aesgcm", "secretbox"] as const) {
        it(`keeps secrets from who reads the store, by ${provider}`, async () => {
          const { send } = await serve(false, {
            resources: ["secrets"],
            providers: [keyed(provider, ["key1", 1]), ...others],
          });
          await send("POST", secretsPath, secret(provider));
          await send("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: provider } });
          const stored = await raw(rawKey(provider));
          expect(stored.slice(0, `k8s:enc:${provider}:v1:key1:`.length)).to.equal(`k8s:enc:${provider}:v1:key1:`);
          expect(stored).not.to.include(Buffer.from(password).toString("base64"));
          expect(stored).not.to.include("password");
          expect(await raw(`/registry/core/configmaps/default/${provider}`)).to.match(/^\{/);
          const { bytes: metrics } = await send("GET", "/metrics");
          expect(metrics.toString()).to.match(
            new RegExp(
              `apiserver_storage_transformation_operations_total\\{resource="secrets",transformation_type="to_storage",transformer_prefix="k8s:enc:${provider}:v1:",status="OK"\\} [1-9]`,
            ),
          );
          const { json } = await send("GET", `${secretsPath}/${provider}`);
          expect(at(json, "data", "password")).to.equal(Buffer.from(password).toString("base64"));
        });
      }

      it("answers lists of every kind, watches and writes as without it", async () => {
        const { send, transport } = await serve(false, {
          resources: ["secrets"],
          providers: others,
        });
        const stop = new AbortController();
        const events: string[] = [];
        const { json: before } = await send("GET", secretsPath);
        const version = at(before, "metadata", "resourceVersion");
        const watched = (async () => {
          for await (const { type, object } of watchEvents(
            transport,
            `${secretsPath}?watch=1&resourceVersion=${version}`,
            stop.signal,
          )) {
            events.push(`${type} ${at(object, "metadata", "name")} ${at(object, "data", "n") ?? ""}`);
            if (events.length === 3) stop.abort();
          }
        })();
        await send("POST", secretsPath, { metadata: { name: "kinds", labels: { a: "b" } } });
        await send(
          "PATCH",
          `${secretsPath}/kinds`,
          { data: { n: "MQ==" } },
          { "content-type": "application/merge-patch+json" },
        );
        for (const query of ["", "?limit=1", "?labelSelector=a%3Db", `?resourceVersion=0`]) {
          const { status, json } = await send("GET", secretsPath + query);
          expect(status).to.equal(200);
          expect(at(json, "items", 0, "kind") ?? "Secret").to.equal("Secret");
        }
        const { json: page } = await send("GET", `${secretsPath}?limit=1`);
        const next = await send("GET", `${secretsPath}?limit=1&continue=${at(page, "metadata", "continue")}`);
        expect(next.status).to.equal(200);
        await send("DELETE", `${secretsPath}/kinds`);
        await watched;
        expect(events).to.deep.equal(["ADDED kinds ", "MODIFIED kinds MQ==", "DELETED kinds MQ=="]);
      });

      it("tells a server that starts again what happened before, of objects that are gone too", async () => {
        const first = await serve(false, { resources: ["secrets"], providers: others });
        const { json: before } = await first.send("GET", secretsPath);
        await first.send("POST", secretsPath, {
          metadata: { name: "past", labels: { a: "past" } },
          data: { n: "MQ==" },
        });
        await first.send("DELETE", `${secretsPath}/past`);
        await first.close();
        const { transport } = await serve(false, { resources: ["secrets"], providers: others });
        const stop = new AbortController();
        const query = `watch=1&labelSelector=a%3Dpast&resourceVersion=${at(before, "metadata", "resourceVersion")}`;
        const events: string[] = [];
        for await (const { type, object } of watchEvents(transport, `${secretsPath}?${query}`, stop.signal)) {
          events.push(`${type} ${at(object, "data", "n")}`);
          if (events.length === 2) stop.abort();
        }
        expect(events).to.deep.equal(["ADDED MQ==", "DELETED MQ=="]);
      });

      it("writes with the first key, reads with all, and rewrites what is stale though nothing changed", async () => {
        const first = await serve(false, {
          resources: ["secrets"],
          providers: [keyed("aescbc", ["key1", 1]), ...others],
        });
        await first.send("POST", secretsPath, secret("rotated"));
        await first.close();
        const { send } = await serve(false, {
          resources: ["secrets"],
          providers: [keyed("aesgcm", ["key2", 2]), keyed("aescbc", ["key1", 1]), identity],
        });
        const { json: read } = await send("GET", `${secretsPath}/rotated`);
        expect(at(read, "data", "password")).to.equal(Buffer.from(password).toString("base64"));
        const { status, json: written } = await send("PUT", `${secretsPath}/rotated`, read);
        expect(status).to.equal(200);
        expect(await raw(rawKey("rotated"))).to.match(/^k8s:enc:aesgcm:v1:key2:/);
        expect(at(written, "metadata", "resourceVersion")).not.to.equal(at(read, "metadata", "resourceVersion"));
        const again = await send("PUT", `${secretsPath}/rotated`, written);
        expect(at(again.json, "metadata", "resourceVersion")).to.equal(at(written, "metadata", "resourceVersion"));
      });

      it("covers custom resources and whole groups by wildcards", async () => {
        const { send } = await serve(
          false,
          { resources: ["*.example.com", "*."], providers: [keyed("secretbox", ["key1", 1]), ...others] },
          { resources: ["*.*"], providers: [keyed("aesgcm", ["all", 3]), identity] },
        );
        const names = { plural: "vaults", singular: "vault", kind: "Vault", listKind: "VaultList" };
        const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
        await send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
          metadata: { name: "vaults.example.com" },
          spec: {
            group: "example.com",
            names,
            scope: "Namespaced",
            versions: [{ name: "v1", served: true, storage: true, schema }],
          },
        });
        const path = "/apis/example.com/v1/namespaces/default/vaults";
        await eventually(async () => {
          const { status } = await send("POST", path, {
            apiVersion: "example.com/v1",
            kind: "Vault",
            metadata: { name: "v" },
            hidden: password,
          });
          if (status !== 201) throw new Error(`answered ${status}`);
        });
        expect(await raw("/registry/example.com/vaults/default/v")).to.match(/^k8s:enc:secretbox:v1:key1:/);
        expect(at((await send("GET", `${path}/v`)).json, "hidden")).to.equal(password);
        expect(await raw("/registry/apiextensions.k8s.io/customresourcedefinitions/vaults.example.com")).to.match(
          /^k8s:enc:aesgcm:v1:all:/,
        );
        await send("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/vaults.example.com");
        await eventually(async () => expect(await raw("/registry/example.com/vaults/default/v")).to.equal(""));
      });

      it("tells of values that it cannot read and goes on with the others", async () => {
        const lost = keyed("aescbc", ["lost", 9]);
        const first = await serve(false, { resources: ["secrets"], providers: [lost, ...others] });
        await first.send("POST", secretsPath, secret("lost"));
        await first.close();
        const unnamed = await serve(false, { resources: ["configmaps"], providers: [lost, identity] });
        await expectFailure(unnamed.send, `${secretsPath}/lost`, "identity transformer tried to read encrypted data");
        await unnamed.close();

        const { send } = await serve(true, { resources: ["secrets"], providers: others });
        const reason = "no matching key was found for the provided AES transformer";
        await expectFailure(send, `${secretsPath}/lost`, reason);
        await expectFailure(send, secretsPath, `unable to transform key "/registry/secrets/default/lost": ${reason}`);
        expect((await send("GET", `${secretsPath}/rotated`)).status).to.equal(200);
        expect((await send("GET", "/readyz")).status).to.equal(500);
        const watch = await send("GET", `${secretsPath}?watch=1&resourceVersion=0`);
        expect(watch.status).to.equal(429);
        expect(watch.bytes.toString()).to.include("storage is (re)initializing");
        // The key comes back, and everything with it.
        file.write({ resources: ["secrets"], providers: [...others, lost] });
        await eventually(async () => expect((await send("GET", secretsPath)).status).to.equal(200));
        expect((await send("GET", `${secretsPath}/lost`)).status).to.equal(200);
        expect((await send("DELETE", `${secretsPath}/lost`)).status).to.equal(200);
      }).timeout(30_000);

      it("takes up changes of its file, and leaves wrong ones", async () => {
        const entry = (...providers: readonly object[]) => ({
          resources: ["services"],
          providers: [...providers, identity],
        });
        const { send } = await serve(true, entry(keyed("aesgcm", ["key1", 1])));
        const path = "/api/v1/namespaces/default/services";
        const create = (name: string) =>
          send("POST", path, { metadata: { name }, spec: { type: "ExternalName", externalName: "x" } });
        file.write(entry(keyed("aesgcm", ["key:", 1]), { aescbc: { keys: [] } }));
        const reloads = async (status: string) => {
          const { bytes } = await send("GET", "/metrics");
          expect(bytes.toString()).to.match(
            new RegExp(`apiserver_encryption_config_controller_automatic_reloads_total\\{status="${status}"[^}]*\\} 1`),
          );
        };
        await eventually(() => reloads("failure"));
        await create("before");
        expect(await raw("/registry/core/services/default/before")).to.match(/^k8s:enc:aesgcm:v1:key1:/);
        file.write(entry(keyed("aesgcm", ["key2", 2], ["key1", 1])));
        await eventually(() => reloads("success"));
        const { bytes } = await send("GET", "/metrics");
        expect(bytes.toString()).to.match(/automatic_reload_last_config_info\{hash="sha256:[0-9a-f]{64}"\} 1\n/);
        await create("after");
        expect(await raw("/registry/core/services/default/after")).to.match(/^k8s:enc:aesgcm:v1:key2:/);
        expect((await send("GET", path)).status).to.equal(200);
      }).timeout(20_000);
    });
  });

async function expectFailure(send: TestServer["send"], path: string, reason: string): Promise<void> {
  const { status, json } = await send("GET", path);
  expect(at(json, "message")).to.equal(`Internal error occurred: ${reason}`);
  expect([status, at(json, "reason")]).to.deep.equal([500, "InternalError"]);
}
