import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { podSecurity } from "./pod-security.ts";

function pluginWith(labels: Readonly<Record<string, string>>, ...pods: readonly ReturnType<typeof podOf>[]) {
  const prefixed = Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
  );
  const namespace = { ...object("Namespace", "dev", {}, ""), metadata: { name: "dev", labels: prefixed } };
  return podSecurity(depsWith(new FakeObjects().put("namespaces", namespace).put("pods", ...pods)));
}

const container = (securityContext: object = {}, more: object = {}) => ({
  name: "c",
  image: "i",
  securityContext,
  ...more,
});
const safe = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

const baseline: readonly [string, object, string][] = [
  ["host namespaces", { hostNetwork: true, hostPID: true }, "host namespaces (hostNetwork=true, hostPID=true)"],
  [
    "privileged containers",
    { containers: [container({ privileged: true })] },
    'privileged (container "c" must not set securityContext.privileged=true)',
  ],
  [
    "added capabilities",
    { containers: [container({ capabilities: { add: ["NET_ADMIN", "CHOWN"] } })] },
    'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)',
  ],
  ["host paths", { volumes: [{ name: "v", hostPath: { path: "/" } }] }, 'hostPath volumes (volume "v")'],
  [
    "host ports",
    { containers: [container({}, { ports: [{ containerPort: 80, hostPort: 80 }] })] },
    'hostPort (container "c" uses hostPort 80)',
  ],
  [
    "seccomp off",
    { securityContext: { seccompProfile: { type: "Unconfined" } } },
    'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    "unsafe sysctls",
    { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } },
    "forbidden sysctls (kernel.msgmax)",
  ],
  [
    "proc mounts",
    { containers: [container({ procMount: "Unmasked" })] },
    'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
  ],
];

const unmasked = { hostUsers: false, containers: [container({ ...safe, procMount: "Unmasked" })] };
const procMounted = 'procMount (container "c" must not set securityContext.procMount to "Unmasked")';
const windows = (more: object = {}) =>
  podOf({ os: { name: "windows" }, securityContext: { runAsNonRoot: true, ...more }, containers: [container()] });
const rootWithOwnUsers = podOf({
  hostUsers: false,
  containers: [container({ ...safe, runAsNonRoot: false, runAsUser: 0 })],
});

const versioned: readonly (readonly [string, string, string, ReturnType<typeof podOf>, string])[] = [
  ["any proc where users are the pod's own", "baseline", "v1.35", podOf(unmasked), ""],
  ["proc mounts", "baseline", "v1.34", podOf(unmasked), procMounted],
  ["proc mounts", "restricted", "v1.35", podOf(unmasked), procMounted],
  ["root where users are the pod's own", "restricted", "v1.35", rootWithOwnUsers, ""],
  [
    "root wherever it is",
    "restricted",
    "v1.34",
    rootWithOwnUsers,
    'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false), ' +
      'runAsUser=0 (container "c" must not set runAsUser=0)',
  ],
  ["what Windows does not know", "restricted", "v1.25", windows(), ""],
  [
    "pods of Windows like others",
    "restricted",
    "v1.24",
    windows({ seccompProfile: { type: "RuntimeDefault" } }),
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])',
  ],
  ["seccomp by annotations", "baseline", "v1.18", annotated("runtime/default", "localhost/profile.json"), ""],
  ["annotations that later versions do not read", "baseline", "v1.19", annotated("unconfined", "unconfined"), ""],
  [
    "seccomp off by annotations",
    "baseline",
    "v1.18",
    annotated("unconfined", "unconfined"),
    'seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/c="unconfined", ' +
      'seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  ],
];

function annotated(ofPod: string, ofContainer: string): ReturnType<typeof podOf> {
  const pod = podOf({ containers: [container()] });
  const annotations = {
    "seccomp.security.alpha.kubernetes.io/pod": ofPod,
    "container.seccomp.security.alpha.kubernetes.io/c": ofContainer,
  };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

describe("PodSecurity", () => {
  for (const [what, spec, message] of baseline) {
    it(`refuses ${what} at the baseline level`, async () => {
      const plugin = pluginWith({ enforce: "baseline" });
      expect(await admit(plugin, write("pods", podOf(spec)))).to.equal(
        `pods "web" is forbidden: violates PodSecurity "baseline:latest": ${message}`,
      );
      expect(await admit(pluginWith({}), write("pods", podOf(spec)))).to.equal("");
    });
  }

  it("says at the restricted level all that a plain pod lacks", async () => {
    expect(await admit(pluginWith({ enforce: "restricted" }), write("pods", podOf()))).to.equal(
      'pods "web" is forbidden: violates PodSecurity "restricted:latest": ' +
        'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    expect(
      await admit(pluginWith({ enforce: "restricted" }), write("pods", podOf({ containers: [container(safe)] }))),
    ).to.equal("");
  });

  it("judges by the rules of the version that a namespace names", async () => {
    const old = pluginWith({ enforce: "restricted", "enforce-version": "v1.7" });
    expect(await admit(old, write("pods", podOf({ securityContext: { runAsNonRoot: true } })))).to.equal("");
  });

  for (const [what, level, version, pod, message] of versioned) {
    it(`${message === "" ? "allows" : "refuses"} ${what}, ${level} ${version}`, async () => {
      const plugin = pluginWith({ enforce: level, "enforce-version": version });
      expect(await admit(plugin, write("pods", pod))).to.equal(
        message && `pods "web" is forbidden: violates PodSecurity "${level}:${version}": ${message}`,
      );
    });
  }

  it("only warns where the level is one to warn of, and about workloads", async () => {
    const plugin = pluginWith({ warn: "baseline", audit: "baseline", enforce: "baseline" });
    const deployment = object("Deployment", "web", {
      spec: { template: { metadata: {}, spec: podOf({ hostPID: true }).spec } },
    });
    const attributes = write("deployments.apps", deployment);
    expect(await admit(plugin, attributes)).to.equal("");
    const message = 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)';
    expect(attributes.warnings).to.deep.equal([message]);
    expect(attributes.notes).to.deep.equal({ "pod-security.kubernetes.io/audit-violations": message });
  });

  it("lets pods change that are older than the policy, but for what it reads", async () => {
    const plugin = pluginWith({ enforce: "baseline" });
    const old = podOf({ hostPID: true });
    const labelled = { ...old, metadata: { ...old.metadata, labels: { a: "b" } } };
    expect(await admit(plugin, write("pods", labelled, { operation: "UPDATE", oldObject: old }))).to.equal("");
    const image = podOf({ hostPID: true, containers: [container({}, { image: "new" })] });
    expect(await admit(plugin, write("pods", image, { operation: "UPDATE", oldObject: old }))).to.contain(
      "host namespaces",
    );
  });

  it("refuses labels that make no sense and tells which pods a new level would refuse", async () => {
    const plugin = pluginWith({}, podOf({ hostPID: true }, "a"), podOf({ hostPID: true }, "b"));
    const labelled = (enforce: string) => {
      const namespace = object("Namespace", "dev", {}, "");
      return { ...namespace, metadata: { name: "dev", labels: { "pod-security.kubernetes.io/enforce": enforce } } };
    };
    const oldObject = object("Namespace", "dev", {}, "");
    expect(await admit(plugin, write("namespaces", labelled("strict"), { operation: "UPDATE", oldObject }))).to.contain(
      "must be one of privileged, baseline, restricted",
    );
    const tightened = write("namespaces", labelled("baseline"), { operation: "UPDATE", oldObject });
    expect(await admit(plugin, tightened)).to.equal("");
    expect(tightened.warnings).to.deep.equal([
      'existing pods in namespace "dev" violate the new PodSecurity enforce level "baseline:latest"',
      "a (and 1 other pod): host namespaces",
    ]);
  });
});
