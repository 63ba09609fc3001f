import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type V1ConfigMap,
  Watch,
} from "@kubernetes/client-node";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { openServer } from "./open-server.ts";

const namespace = "client-node";

describe("@kubernetes/client-node", function () {
  this.timeout(60_000);
  const config = new KubeConfig();
  let core: CoreV1Api;
  before(async () => {
    config.loadFromFile(await (await openServer()).kubeconfig());
    core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
  });

  const create = (name: string, labels: Record<string, string> = {}) =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data: { a: "1" } } });

  it("keeps an informer in step with what is made, changed and deleted", async () => {
    await create("before", { informed: "yes" });
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: "informed=yes" });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const informer = makeInformer<V1ConfigMap>(config, path, list, "informed=yes");
    const seen: string[] = [];
    for (const event of ["add", "update", "delete"] as const) {
      informer.on(event, ({ metadata }) => seen.push(`${event} ${metadata?.name}`));
    }
    await informer.start();
    await create("after", { informed: "yes" });
    await create("other");
    await core.replaceNamespacedConfigMap({
      namespace,
      name: "after",
      body: { metadata: { name: "after", labels: { informed: "yes" } }, data: { a: "2" } },
    });
    await core.deleteNamespacedConfigMap({ namespace, name: "before" });
    await eventually(() => expect(seen).to.deep.equal(["add before", "add after", "update after", "delete before"]));
    expect(informer.get("after", namespace)?.data).to.deep.equal({ a: "2" });
    await informer.stop();
  });

  it("watches from a version, with bookmarks asked for", async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const seen: string[] = [];
    const watching = await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata?.resourceVersion, allowWatchBookmarks: true },
      (type, object: KubernetesObject) => seen.push(`${type} ${object.metadata?.name}`),
      () => {},
    );
    await create("watched");
    await core.deleteNamespacedConfigMap({ namespace, name: "watched" });
    await eventually(() => expect(seen).to.deep.equal(["ADDED watched", "DELETED watched"]));
    watching.abort();
  });

  it("applies objects of any kind on the server", async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const apply = (manager: string, a: string, force?: boolean) => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied", namespace }, data: { a } };
      return objects.patch(object, undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
    };
    await apply("one", "1");
    const refused = await apply("two", "2").catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ApiException).and.to.have.property("code", 409);
    await apply("two", "2", true);
    const { data, metadata } = await core.readNamespacedConfigMap({ namespace, name: "applied" });
    expect(data).to.deep.equal({ a: "2" });
    expect(metadata?.managedFields?.map(({ manager }) => manager)).to.include("two");
  });

  it("reads a Status out of a refusal", async () => {
    const error = await core.readNamespacedConfigMap({ namespace, name: "none" }).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", 404);
    expect(JSON.parse(String((error as ApiException<string>).body))).to.include({ kind: "Status", reason: "NotFound" });
  });
});
