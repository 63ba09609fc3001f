import type { ServiceAccount } from "@tskube/api";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { serviceAccount } from "./service-account.ts";

function pluginWith(account: Partial<ServiceAccount> = {}) {
  return serviceAccount(
    depsWith(new FakeObjects().put("serviceaccounts", object("ServiceAccount", "default", account))),
  );
}

describe("ServiceAccount", () => {
  it("mounts the default account's token into every container", async () => {
    const pod = podOf({ initContainers: [{ name: "i", image: "i" }] });
    expect(await admit(pluginWith(), write("pods", pod))).to.equal("");
    expect(pod.spec).to.include({ serviceAccountName: "default", serviceAccount: "default" });
    const [volume] = pod.spec.volumes ?? [];
    expect(volume?.name).to.match(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(volume?.projected).to.deep.equal({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
    });
    const mount = { name: volume?.name, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
    for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      expect(container.volumeMounts).to.deep.equal([mount]);
    }
  });

  it("mounts nothing where pod or account say so, the pod having the last word", async () => {
    const off = podOf({ automountServiceAccountToken: false });
    await admit(pluginWith(), write("pods", off));
    expect(off.spec.volumes).to.equal(undefined);
    const quiet = podOf();
    await admit(pluginWith({ automountServiceAccountToken: false }), write("pods", quiet));
    expect(quiet.spec.volumes).to.equal(undefined);
    const loud = podOf({ automountServiceAccountToken: true });
    await admit(pluginWith({ automountServiceAccountToken: false }), write("pods", loud));
    expect(loud.spec.volumes).to.have.length(1);
  });

  it("leaves containers alone that mount something of their own there", async () => {
    const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    const pod = podOf({ containers: [{ name: "c", image: "i", volumeMounts: [{ name: "own", mountPath }] }] });
    await admit(pluginWith(), write("pods", pod));
    expect(pod.spec.volumes).to.equal(undefined);
  });

  it("gives the account's pull secrets to pods without own ones", async () => {
    const plugin = pluginWith({ imagePullSecrets: [{ name: "registry" }] });
    const pod = podOf();
    await admit(plugin, write("pods", pod));
    expect(pod.spec.imagePullSecrets).to.deep.equal([{ name: "registry" }]);
    const own = podOf({ imagePullSecrets: [{ name: "mine" }] });
    await admit(plugin, write("pods", own));
    expect(own.spec.imagePullSecrets).to.deep.equal([{ name: "mine" }]);
  });

  it("refuses an account that does not exist", async () => {
    expect(await admit(pluginWith(), write("pods", podOf({ serviceAccountName: "none" })))).to.equal(
      'pods "web" is forbidden: error looking up service account dev/none: serviceaccount "none" not found',
    );
  });

  it("waits for a new namespace's default account", async () => {
    const deps = depsWith();
    const pod = podOf();
    const admitted = admit(serviceAccount(deps), write("pods", pod));
    await deps.clock.advance(100);
    deps.objects.put("serviceaccounts", object("ServiceAccount", "default"));
    await deps.clock.advance(100);
    expect(await admitted).to.equal("");
    expect(pod.spec.volumes).to.have.length(1);
  });

  it("refuses mirror pods that name an account", async () => {
    const pod = podOf({ serviceAccountName: "default" });
    pod.metadata.annotations = { "kubernetes.io/config.mirror": "x" };
    expect(await admit(pluginWith(), write("pods", pod))).to.contain("a mirror pod may not reference service accounts");
  });
});
