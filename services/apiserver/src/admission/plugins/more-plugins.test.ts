import type { Event, Namespace, Pod, ResourceQuota } from "@tskube/api";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import type { AdmissionConfiguration } from "../configuration/admission-configuration.ts";
import { admit, depsWith, object, podOf, write } from "../testing/write.ts";
import { alwaysAdmit, alwaysDeny } from "./always.ts";
import { clusterTrustBundleAttest } from "./certificates.ts";
import { eventRateLimit } from "./event-rate-limit.ts";
import { imagePolicyPlugin } from "./image-policy-webhook.ts";
import { limitPodHardAntiAffinityTopology } from "./limit-pod-hard-anti-affinity-topology.ts";
import { namespaceAutoProvision, namespaceExists } from "./namespace-exists.ts";
import { podNodeSelector } from "./pod-node-selector.ts";
import { podSecurity } from "./pod-security.ts";
import { podTolerationRestriction } from "./pod-toleration-restriction.ts";
import { resourceQuota } from "./resource-quota.ts";

const configured = (configuration: object): { configuration: AdmissionConfiguration } => ({
  configuration: { raw: () => configuration },
});
const namespace = (annotations: Readonly<Record<string, string>> = {}) =>
  ({ ...object("Namespace", "dev", {}, ""), metadata: { name: "dev", annotations } }) as Namespace;
const depsIn = (annotations: Readonly<Record<string, string>> = {}) =>
  depsWith(new FakeObjects().put("namespaces", namespace(annotations)));

describe("AlwaysAdmit and AlwaysDeny", () => {
  it("do what they are called", async () => {
    expect(await admit(alwaysAdmit, write("pods", podOf()))).to.equal("");
    expect(await admit(alwaysDeny, write("pods", podOf()))).to.equal(
      'pods "web" is forbidden: admission control is denying all modifications',
    );
  });
});

describe("NamespaceExists", () => {
  it("refuses writes to namespaces that there are not", async () => {
    expect(await admit(namespaceExists(depsIn()), write("pods", podOf()))).to.equal("");
    expect(await admit(namespaceExists(depsWith()), write("pods", podOf()))).to.equal('namespaces "dev" not found');
  });
});

describe("NamespaceAutoProvision", () => {
  it("makes the namespace that something is created in, once, and not for a dry run", async () => {
    const deps = depsWith();
    await admit(namespaceAutoProvision(deps), write("pods", podOf(), { dryRun: true }));
    expect(deps.objects.writes).to.deep.equal([]);
    await admit(namespaceAutoProvision(deps), write("pods", podOf()));
    await admit(namespaceAutoProvision(deps), write("pods", podOf()));
    expect(deps.objects.writes).to.deep.equal(["create namespaces /dev"]);
  });
});

describe("LimitPodHardAntiAffinityTopology", () => {
  it("lets pods keep others away from their node alone", async () => {
    const pod = (topologyKey: string) =>
      podOf({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } } });
    const plugin = limitPodHardAntiAffinityTopology;
    expect(await admit(plugin, write("pods", pod("kubernetes.io/hostname")))).to.equal("");
    expect(await admit(plugin, write("pods", pod("zone")))).to.equal(
      'pods "web" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
    );
  });
});

describe("PodNodeSelector", () => {
  const options = configured({
    podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: "disk=ssd", dev: "env=dev,disk=ssd" },
  });
  const annotation = "scheduler.alpha.kubernetes.io/node-selector";

  it("adds the selector of the namespace, or that of the cluster", async () => {
    const [own, common] = [podOf(), podOf()];
    await admit(podNodeSelector(depsIn({ [annotation]: "env=dev" }), options), write("pods", own));
    await admit(podNodeSelector(depsIn(), options), write("pods", common));
    expect([own.spec.nodeSelector, common.spec.nodeSelector]).to.deep.equal([{ env: "dev" }, { disk: "ssd" }]);
  });

  it("refuses pods that want other nodes", async () => {
    const plugin = podNodeSelector(depsIn({ [annotation]: "env=dev" }), options);
    expect(await admit(plugin, write("pods", podOf({ nodeSelector: { env: "prod" } })))).to.contain(
      "pod node label selector conflicts with its namespace node label selector",
    );
    expect(await admit(plugin, write("pods", podOf({ nodeSelector: { gpu: "yes" } })))).to.contain(
      "pod node label selector labels conflict with its namespace whitelist",
    );
  });
});

describe("PodTolerationRestriction", () => {
  const gpu = { key: "gpu", operator: "Exists", effect: "NoSchedule" };
  const annotation = (kind: string) => `scheduler.alpha.kubernetes.io/${kind}`;

  it("adds the tolerations of the namespace, and that of memory pressure to pods with a claim to memory", async () => {
    const plugin = podTolerationRestriction(depsIn({ [annotation("defaultTolerations")]: JSON.stringify([gpu]) }), {});
    const pods = [
      podOf(),
      podOf({ containers: [{ name: "c", image: "i", resources: { limits: { memory: "1Gi" } } }] }),
    ];
    for (const pod of pods) await admit(plugin, write("pods", pod));
    expect(pods[0]?.spec.tolerations).to.deep.equal([gpu]);
    expect(pods[1]?.spec.tolerations?.map(({ key }) => key)).to.deep.equal([
      "gpu",
      "node.kubernetes.io/memory-pressure",
    ]);
  });

  it("refuses what the namespace does not allow", async () => {
    const plugin = podTolerationRestriction(
      depsIn({ [annotation("tolerationsWhitelist")]: JSON.stringify([gpu]) }),
      {},
    );
    expect(await admit(plugin, write("pods", podOf({ tolerations: [gpu] })))).to.equal("");
    expect(await admit(plugin, write("pods", podOf({ tolerations: [{ key: "x" }] })))).to.contain(
      "pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist",
    );
  });
});

describe("EventRateLimit", () => {
  const kind = { apiVersion: "eventratelimit.admission.k8s.io/v1alpha1", kind: "Configuration" };
  const event = () => object<Event>("Event", "e", { involvedObject: { kind: "Pod", name: "p" } });

  it("refuses events beyond the limit of their namespace until time has passed", async () => {
    const clock = new FakeClock();
    const options = configured({ ...kind, limits: [{ type: "Namespace", qps: 1, burst: 2 }] });
    const plugin = eventRateLimit({ ...depsWith(), clock }, options);
    const answers = [];
    for (let index = 0; index < 3; index++) answers.push(await admit(plugin, write("events", event())));
    expect(answers).to.deep.equal(["", "", "limit reached on type Namespace for key dev"]);
    await clock.advance(1000);
    expect(await admit(plugin, write("events", event()))).to.equal("");
  });

  it("cannot do without a limit", () => {
    expect(() => eventRateLimit(depsWith(), {})).to.throw("limits: Required value");
    const options = configured({ ...kind, limits: [{ type: "Odd", qps: 1, burst: 1 }] });
    expect(() => eventRateLimit(depsWith(), options)).to.throw('unknown limit type "Odd"');
  });
});

describe("ImagePolicyWebhook", () => {
  const settings = { clock: new FakeClock(), allowTTL: 10, denyTTL: 10, defaultAllow: false };

  it("refuses pods whose images the server refuses, and remembers what it said", async () => {
    let asked = 0;
    const ask = async () => {
      asked++;
      return { status: { allowed: false, reason: "bad image" } };
    };
    const plugin = imagePolicyPlugin({ ...settings, client: { ask } });
    for (const _ of [1, 2]) {
      expect(await admit(plugin, write("pods", podOf()))).to.equal(
        'pods "web" is forbidden: image policy webhook backend denied one or more images: bad image',
      );
    }
    expect(asked).to.equal(1);
  });

  it("lets pods pass when nobody answers only if it is told to", async () => {
    const client = { ask: () => Promise.reject(new Error("no route")) };
    expect(await admit(imagePolicyPlugin({ ...settings, client }), write("pods", podOf()))).to.contain("no route");
    const attributes = write("pods", podOf());
    expect(await admit(imagePolicyPlugin({ ...settings, client, defaultAllow: true }), attributes)).to.equal("");
    expect(attributes.notes).to.deep.equal({ "alpha.image-policy.k8s.io/failed-open": "true" });
  });
});

describe("ClusterTrustBundleAttest", () => {
  it("lets those speak for a signer who may", async () => {
    const bundle = object("ClusterTrustBundle", "b", { spec: { signerName: "example.com/signer" } }, "");
    const attributes = () => write("clustertrustbundles.certificates.k8s.io", bundle);
    const allowing = (name: string) => clusterTrustBundleAttest(depsWith(new FakeObjects(), (one) => one === name));
    expect(await admit(allowing("example.com/*"), attributes())).to.equal("");
    expect(await admit(allowing("other"), attributes())).to.contain(
      'user not permitted to attest for signerName "example.com/signer"',
    );
  });
});

describe("PodSecurity by configuration", () => {
  const options = configured({
    apiVersion: "pod-security.admission.config.k8s.io/v1",
    kind: "PodSecurityConfiguration",
    defaults: { enforce: "baseline", "enforce-version": "v1.30" },
    exemptions: { usernames: ["root"], runtimeClasses: ["vm"] },
  });
  const pod = (more: object = {}) => podOf({ hostNetwork: true, ...more });

  it("holds namespaces without labels to the cluster's level", async () => {
    expect(await admit(podSecurity(depsIn(), options), write("pods", pod()))).to.contain(
      'violates PodSecurity "baseline:v1.30": host namespaces (hostNetwork=true)',
    );
  });

  it("does not judge who and what is exempt", async () => {
    const attributes = write("pods", pod({ runtimeClassName: "vm" }));
    expect(await admit(podSecurity(depsIn(), options), attributes)).to.equal("");
    expect(attributes.notes).to.deep.equal({ "pod-security.kubernetes.io/exempt": "runtimeClass" });
    const byRoot = write("pods", pod(), { user: { name: "root", groups: [] } });
    expect(await admit(podSecurity(depsIn(), options), byRoot)).to.equal("");
  });

  it("counts what was safe in the version that is asked for", async () => {
    const sysctls = [{ name: "net.ipv4.tcp_rmem", value: "1" }];
    const unsafe = podOf({ securityContext: { sysctls, seLinuxOptions: { type: "x_t", user: "u", role: "r" } } });
    expect(await admit(podSecurity(depsIn(), options), write("pods", unsafe))).to.contain(
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x_t"; user may not be set; role may not be set), forbidden sysctls (net.ipv4.tcp_rmem)',
    );
  });
});

describe("ResourceQuota with limited resources", () => {
  const limit = { resource: "pods", matchContains: ["cpu"] };
  const options = configured({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "ResourceQuotaConfiguration",
    limitedResources: [
      limit,
      { resource: "pods", matchScopes: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] },
    ],
  });
  const pod = (more: object = {}) =>
    podOf({ containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1" } } }], ...more }) as Pod;

  it("refuses what no quota of the namespace covers", async () => {
    expect(await admit(resourceQuota(depsIn(), options), write("pods", pod()))).to.equal(
      'pods "web" is forbidden: insufficient quota to consume: cpu,requests.cpu',
    );
    expect(await admit(resourceQuota(depsIn(), options), write("pods", pod({ priorityClassName: "high" })))).to.contain(
      "insufficient quota to match these scopes: [{PriorityClass In [high]}]",
    );
    expect(await admit(resourceQuota(depsIn(), options), write("pods", podOf()))).to.equal("");
  });

  it("lets pass what a quota covers", async () => {
    const hard = { cpu: "5", "requests.cpu": "5" };
    const quota = object<ResourceQuota>("ResourceQuota", "q", { spec: { hard }, status: { hard, used: {} } });
    const deps = depsIn();
    deps.objects.put("resourcequotas", quota);
    expect(await admit(resourceQuota(deps, options), write("pods", pod()))).to.equal("");
  });
});
