import type { ClusterRole, ClusterRoleBinding, ConfigMap } from "@tskube/api";
import { alreadyExists } from "@tskube/apimachinery";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { FakeObjects } from "../auth/testing/fake-objects.ts";
import { createBootstrap } from "./create-bootstrap.ts";

const rbac = (resource: string) => ({ group: "rbac.authorization.k8s.io", resource });
const clientCa = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

async function run(objects: FakeObjects, authentication = { clientCa }): Promise<void> {
  const clock = new FakeClock();
  await createBootstrap({ objects, clock, logger: silentLogger, authentication }).run(new AbortController().signal);
}

describe("createBootstrap", () => {
  it("makes namespaces, roles, bindings, priority classes and the config map, and writes nothing the second time", async () => {
    const objects = new FakeObjects();
    await run(objects);
    expect(objects.reader({ group: "", resource: "namespaces" }).list()).to.have.length(4);
    expect(objects.reader(rbac("clusterroles")).get("", "cluster-admin")).to.not.equal(undefined);
    expect(objects.reader({ group: "scheduling.k8s.io", resource: "priorityclasses" }).list()).to.have.length(2);
    const configMap = objects
      .reader<ConfigMap>({ group: "", resource: "configmaps" })
      .get("kube-system", "extension-apiserver-authentication");
    expect(configMap?.data).to.deep.equal({ "client-ca-file": clientCa });
    objects.writes.length = 0;
    await run(objects);
    expect(objects.writes).to.deep.equal([]);
  });

  it("adds what a role lacks and keeps what its owner added", async () => {
    const objects = new FakeObjects();
    await run(objects);
    const role = await objects.get<ClusterRole>(rbac("clusterroles"), "", "system:node-proxier");
    const extra = { apiGroups: ["x.io"], resources: ["things"], verbs: ["get"] };
    await objects.update(rbac("clusterroles"), "", { ...role, rules: [extra, ...role.rules.slice(1)] });
    await run(objects);
    const after = await objects.get<ClusterRole>(rbac("clusterroles"), "", "system:node-proxier");
    expect(after.rules).to.deep.include(extra);
    expect(after.rules).to.deep.include(role.rules[0]);
  });

  it("leaves alone what its owner has switched updates off for", async () => {
    const objects = new FakeObjects();
    await run(objects);
    const role = await objects.get<ClusterRole>(rbac("clusterroles"), "", "system:discovery");
    const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "false" };
    await objects.update(rbac("clusterroles"), "", { ...role, metadata: { ...role.metadata, annotations }, rules: [] });
    await run(objects);
    expect((await objects.get<ClusterRole>(rbac("clusterroles"), "", "system:discovery")).rules).to.deep.equal([]);
  });

  it("replaces a binding that leads to another role and restores missing subjects", async () => {
    const objects = new FakeObjects();
    await run(objects);
    const name = "system:kube-scheduler";
    const binding = await objects.get<ClusterRoleBinding>(rbac("clusterrolebindings"), "", name);
    const elsewhere = { ...binding.roleRef, name: "view" };
    await objects.update(rbac("clusterrolebindings"), "", { ...binding, roleRef: elsewhere, subjects: [] });
    await run(objects);
    const after = await objects.get<ClusterRoleBinding>(rbac("clusterrolebindings"), "", name);
    expect([after.roleRef, after.subjects]).to.deep.equal([binding.roleRef, binding.subjects]);
  });

  it("goes on when another apiserver makes the same objects meanwhile", async () => {
    const objects = new FakeObjects();
    const create = objects.create.bind(objects);
    objects.create = async (resource, namespace, object) => {
      await create(resource, namespace, object);
      throw alreadyExists(resource, object.metadata.name);
    };
    await run(objects);
    expect(objects.reader(rbac("clusterroles")).get("", "cluster-admin")).to.not.equal(undefined);
  });
});
