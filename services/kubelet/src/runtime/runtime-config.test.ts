import { NamespaceMode } from "@tskube/cri";
import { expect } from "chai";
import { specOf } from "../testing/runtime-pods.ts";
import { podCgroupParent } from "./cgroup-parent.ts";
import { containerResources } from "./resources.ts";
import { sandboxConfig } from "./sandbox-config.ts";
import { containerSecurityContext, nonRootProblem } from "./security-context.ts";

const options = { nodeMemoryBytes: 4 * 1024 ** 3, cpuCfsQuota: true };

describe("what the runtime is asked for", () => {
  it("limits containers by their requests and limits, and marks who dies first", () => {
    const container = {
      name: "main",
      resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { cpu: "500m", memory: "2Gi" } },
    };
    expect(containerResources(specOf({ containers: [container] }), container, options)).to.include({
      cpuShares: 256n,
      cpuPeriod: 100_000n,
      cpuQuota: 50_000n,
      memoryLimitInBytes: 2n * 1024n ** 3n,
      oomScoreAdj: 750n,
    });
    const best = { name: "main" };
    expect(containerResources(specOf({ containers: [best] }), best, options)).to.include({
      cpuShares: 2n,
      cpuQuota: 0n,
      oomScoreAdj: 1000n,
    });
    const guaranteed = {
      name: "main",
      resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
    };
    expect(containerResources(specOf({ containers: [guaranteed] }), guaranteed, options)).to.include({
      oomScoreAdj: -997n,
    });
  });

  it("puts pods into cgroups by class of service, in the driver's notation", () => {
    expect(podCgroupParent(specOf({}), { driver: "cgroupfs", root: "/n1" })).to.equal("/n1/kubepods/besteffort/poduid");
    expect(podCgroupParent(specOf({}, { uid: "a-b" }), { driver: "systemd", root: "" })).to.equal(
      "kubepods-besteffort-poda_b.slice",
    );
  });

  it("merges the pod's and the container's security settings", () => {
    const container = {
      name: "main",
      securityContext: {
        runAsUser: 5,
        capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      },
    };
    const pod = specOf({
      containers: [container],
      shareProcessNamespace: true,
      securityContext: {
        runAsUser: 1,
        runAsGroup: 2,
        fsGroup: 7,
        supplementalGroups: [8],
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    const context = containerSecurityContext(pod, container);
    expect(context).to.deep.include({
      runAsUser: { value: 5n },
      runAsGroup: { value: 2n },
      supplementalGroups: [8n, 7n],
      readonlyRootfs: true,
      noNewPrivs: true,
    });
    expect(context.capabilities).to.deep.include({ addCapabilities: ["NET_ADMIN"], dropCapabilities: ["ALL"] });
    expect(context.namespaceOptions).to.deep.include({ network: NamespaceMode.POD, pid: NamespaceMode.POD });
    expect(context.maskedPaths).to.include("/proc/kcore");
    expect(
      containerSecurityContext(pod, { name: "root", securityContext: { privileged: true } }).maskedPaths,
    ).to.deep.equal([]);
  });

  it("refuses root where root is not wanted", () => {
    const container = { name: "main", securityContext: { runAsNonRoot: true } };
    const pod = specOf({ containers: [container] });
    const image = (uid: bigint | undefined, username = "") => ({
      ...(uid !== undefined && { uid: { value: uid } }),
      username,
    });
    expect(nonRootProblem(pod, container, image(0n))).to.match(
      /^container has runAsNonRoot and image will run as root/,
    );
    expect(nonRootProblem(pod, container, image(5n))).to.equal(undefined);
    expect(nonRootProblem(pod, container, image(undefined, "app"))).to.match(/non-numeric user \(app\)/);
    expect(
      nonRootProblem(pod, { name: "main", securityContext: { runAsNonRoot: true, runAsUser: 5 } }, image(0n)),
    ).to.equal(undefined);
    expect(
      nonRootProblem(pod, { name: "main", securityContext: { runAsNonRoot: true, runAsUser: 0 } }, image(5n)),
    ).to.match(/breaks non-root policy/);
  });

  it("describes the sandbox with host ports, host name and kernel settings", () => {
    const pod = specOf({
      containers: [
        { name: "main", ports: [{ containerPort: 80, hostPort: 8080, hostIP: "192.0.2.1" }, { containerPort: 81 }] },
      ],
      securityContext: { sysctls: [{ name: "net/ipv4/tcp_syncookies", value: "1" }] },
    });
    const config = sandboxConfig({
      pod,
      attempt: 2,
      hostname: "web",
      dns: { servers: [], searches: [], options: [] },
      logDirectory: "/logs",
      cgroupParent: "/kubepods",
    });
    expect(config.metadata).to.deep.equal({ name: "web", namespace: "default", uid: "uid", attempt: 2 });
    expect(config.portMappings).to.deep.equal([
      { protocol: 0, containerPort: 80, hostPort: 8080, hostIp: "192.0.2.1" },
    ]);
    expect(config.linux?.sysctls).to.deep.equal({ "net.ipv4.tcp_syncookies": "1" });
    expect(config.labels).to.include({ "io.kubernetes.pod.name": "web", "io.kubernetes.pod.uid": "uid" });
  });
});
