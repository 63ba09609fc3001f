import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "@tskube/client";
import { expect } from "chai";
import { type ApiProcess, startApiProcess } from "../../framework/api-process.ts";
import { at, podOf, type Send, senderOver } from "../apiserver/open-test-server.ts";
import { ruleFor } from "./configure.ts";

const configuration = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  path: pod-security.yaml
- name: EventRateLimit
  configuration:
    apiVersion: eventratelimit.admission.k8s.io/v1alpha1
    kind: Configuration
    limits: [{ type: User, qps: 1, burst: 1 }]
`;
const podSecurity = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: { enforce: baseline, warn: restricted }
exemptions: { namespaces: [kube-system] }
`;
const beta = "/apis/admissionregistration.k8s.io/v1beta1";

describe("admission of the apiserver as a process", function () {
  this.timeout(90_000);
  let directory: string;
  let api: ApiProcess;
  let transport: Transport;
  let send: Send;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "tskube-admission-"));
    writeFileSync(join(directory, "admission.yaml"), configuration);
    writeFileSync(join(directory, "pod-security.yaml"), podSecurity);
    api = await startApiProcess([
      `--admission-control-config-file=${join(directory, "admission.yaml")}`,
      "--enable-admission-plugins=EventRateLimit",
      "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
    ]);
    transport = await api.transport();
    send = senderOver(transport);
    await send("POST", "/api/v1/namespaces", { metadata: { name: "work" } });
    await send("POST", "/api/v1/namespaces/work/serviceaccounts", { metadata: { name: "default" } });
  });
  after(async () => {
    transport?.close();
    await api?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("holds pods to the level that the configuration file names", async () => {
    const pods = "/api/v1/namespaces/work/pods";
    const refused = await send("POST", pods, podOf("host", { hostNetwork: true }));
    expect(at(refused.json, "message")).to.equal(
      'pods "host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    );
    const made = await send("POST", pods, podOf("plain"));
    expect(made.status).to.equal(201);
    expect(made.headers["warning"]).to.contain('would violate PodSecurity \\"restricted:latest\\"');
  });

  it("slows down who sends too many events", async () => {
    const event = (name: string) => ({
      metadata: { name },
      involvedObject: { kind: "Pod", namespace: "work", name: "plain" },
      reason: "Test",
    });
    const path = "/api/v1/namespaces/work/events";
    const answers = await Promise.all(["a", "b", "c"].map((name) => send("POST", path, event(name))));
    expect(answers.map(({ status }) => status))
      .to.include(429)
      .and.to.include(201);
  });

  it("serves policies that change objects, for whom the version is switched on", async () => {
    const resourceRules = [ruleFor("configmaps")];
    const expression = "Object{metadata: Object.metadata{labels: {'by': request.userInfo.username}}}";
    const mutations = [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }];
    const spec = { matchConstraints: { resourceRules }, reinvocationPolicy: "Never", mutations };
    const policy = await send("POST", `${beta}/mutatingadmissionpolicies`, { metadata: { name: "label" }, spec });
    expect(policy.status, policy.bytes.toString()).to.equal(201);
    const binding = { metadata: { name: "label" }, spec: { policyName: "label" } };
    await send("POST", `${beta}/mutatingadmissionpolicybindings`, binding);
    const made = await send("POST", "/api/v1/namespaces/work/configmaps", { metadata: { name: "labelled" } });
    expect(at(made.json, "metadata", "labels")).to.deep.equal({ by: "kubernetes-admin" });
    const { bytes } = await send("GET", "/metrics");
    expect(bytes.toString()).to.contain(
      'apiserver_mutating_admission_policy_check_total{policy="label",policy_binding="label",error_type="no_error",enforcement_action="allow"} 1',
    );
  });
});
