import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ContainerConfig, type DeepPartial, NamespaceMode, type PodSandboxConfig } from "@tskube/cri";
import { eventually, type SuitePod, startPod } from "@tskube/cri/testing";
import { expect } from "chai";
import { cannotRun, type ProcessNode, startProcessNode, tracesOf } from "./process-runtime.ts";

const why = cannotRun();
const own = { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD };

(why ? describe.skip : describe)(`process runtime's pods${why ? ` (${why})` : ""}`, () => {
  let node: ProcessNode;
  before(async () => {
    node = await startProcessNode();
  });
  after(() => node.close());

  async function withPod(
    overrides: DeepPartial<PodSandboxConfig>,
    work: (pod: SuitePod) => Promise<void>,
  ): Promise<void> {
    const features = { events: true, processes: true };
    const under = {
      client: node.client,
      image: "host",
      logRoot: join(node.dir, "logs"),
      features,
      close: async () => {},
    };
    const pod = await startPod(under, overrides);
    try {
      await work(pod);
    } finally {
      await pod.remove();
    }
  }

  /** Runs a script to its end and returns what it printed. */
  async function output(pod: SuitePod, script: string, config: DeepPartial<ContainerConfig> = {}): Promise<string> {
    const id = await pod.start("obedient", { command: ["sh", "-c", script], ...config });
    await pod.exited(id);
    const entries = (await pod.log(id)).trimEnd().split("\n");
    return entries.map((entry) => entry.split(" ").slice(3).join(" ")).join("\n");
  }
  const secured = (context: DeepPartial<NonNullable<NonNullable<ContainerConfig["linux"]>["securityContext"]>>) => ({
    linux: { securityContext: { namespaceOptions: own, ...context } },
  });

  it("runs as the user, groups and capabilities that are asked for", () =>
    withPod({}, async (pod) => {
      const user = { runAsUser: { value: 4242n }, runAsGroup: { value: 4243n }, supplementalGroups: [4244n] };
      const text = await output(pod, "id -u; id -g; id -G; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status", {
        ...secured({
          ...user,
          noNewPrivs: true,
          capabilities: { dropCapabilities: ["ALL"], addCapabilities: ["NET_BIND_SERVICE"] },
        }),
      });
      expect(text.split("\n").slice(0, 3)).to.deep.equal(["4242", "4243", "4243 4244"]);
      expect(text).to.match(/CapEff:\s+0000000000000000/);
      expect(text).to.match(/CapBnd:\s+0000000000000400/);
      expect(text).to.match(/NoNewPrivs:\s+1/);
    }));

  it("leaves a root without capabilities none at all", () =>
    withPod({}, async (pod) => {
      const text = await output(
        pod,
        "grep CapEff /proc/self/status; chown 1 /etc/hostname 2>&1 || echo refused",
        secured({ capabilities: { dropCapabilities: ["ALL"] } }),
      );
      expect(text).to.match(/CapEff:\s+0000000000000000/);
      expect(text).to.contain("refused");
    }));

  it("keeps writes away from the machine and out of a read-only root", () =>
    withPod({}, async (pod) => {
      expect(await output(pod, "echo x >/etc/tskube-probe && cat /etc/tskube-probe")).to.equal("x");
      expect(await readFile("/etc/tskube-probe").catch(() => "absent")).to.equal("absent");
      expect(await output(pod, "touch /x 2>&1; echo", secured({ readonlyRootfs: true }))).to.contain(
        "Read-only file system",
      );
    }));

  it("mounts volumes at places that links cannot move out of the container", () =>
    withPod({}, async (pod) => {
      const volume = join(node.dir, "volume");
      await mkdir(volume, { recursive: true });
      await writeFile(join(volume, "file"), "from the node");
      const mounts = [{ hostPath: volume, containerPath: "/data", readonly: true }];
      expect(await output(pod, "cat /data/file; echo; touch /data/x 2>&1", { mounts })).to.match(
        /^from the node\n.*Read-only/,
      );
      // /bin leads to /usr/bin on most machines, and to the container's one.
      const nested = [{ hostPath: volume, containerPath: "/bin/volume" }];
      expect(await output(pod, "cat /bin/volume/file", { mounts: nested })).to.equal("from the node");
      expect(execFileSync("ls", ["/bin"], { encoding: "utf8" })).to.not.contain("volume\n");
    }));

  it("shows containers their own processes only, unless the pod shares them", async () => {
    await withPod({}, async (pod) => {
      expect(await output(pod, "echo $$")).to.equal("1");
    });
    const shared = { network: NamespaceMode.POD, pid: NamespaceMode.POD, ipc: NamespaceMode.POD };
    const linux = { securityContext: { namespaceOptions: shared } };
    await withPod({ linux }, async (pod) => {
      await pod.start("obedient", { linux });
      const text = await output(pod, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '", { linux });
      expect(text).to.contain("trap");
    });
  });

  it("keeps a pod on the node's network when it asks for that", () => {
    const namespaceOptions = { ...own, network: NamespaceMode.NODE };
    const linux = { securityContext: { namespaceOptions } };
    return withPod({ hostname: "", linux }, async (pod) => {
      const text = await output(pod, "ip -o -4 addr show dev cni0", { linux });
      expect(text).to.contain("10.244.77.1/24");
    });
  });

  it("sets sysctls and DNS of a pod", () => {
    const dnsConfig = { servers: ["10.96.0.10"], searches: ["a.svc", "svc"], options: ["ndots:5"] };
    const linux = {
      sysctls: { "net.ipv4.ip_unprivileged_port_start": "80" },
      securityContext: { namespaceOptions: own },
    };
    return withPod({ dnsConfig, linux }, async (pod) => {
      const text = await output(pod, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /etc/resolv.conf");
      expect(text.split("\n")).to.deep.equal(["80", "search a.svc svc", "nameserver 10.96.0.10", "options ndots:5"]);
    });
  });

  it("leads a port of the node to a pod", async () => {
    const portMappings = [{ containerPort: 8080, hostPort: 18080 }];
    await withPod({ portMappings }, async (pod) => {
      await pod.start("obedient", {
        command: ["node", "-e", `require("node:net").createServer((socket) => socket.end("hello\\n")).listen(8080)`],
      });
      const client = "busybox nc 10.244.77.1 18080 </dev/null 2>/dev/null";
      const ask = () =>
        execFileSync("nsenter", [`--net=/run/netns/${node.netns}`, "--", "sh", "-c", client], { encoding: "utf8" });
      const answer = await eventually(async () => {
        try {
          return ask() || undefined;
        } catch {
          return undefined;
        }
      });
      expect(answer).to.equal("hello\n");
    });
    const rules = execFileSync("nsenter", [`--net=/run/netns/${node.netns}`, "--", "nft", "list", "ruleset"], {
      encoding: "utf8",
    });
    expect(rules).to.not.contain("18080");
  });

  it("leaves nothing behind", () => {
    expect(tracesOf(node)).to.deep.equal({ mounts: 0, processes: 0, links: 0, sharedMemory: 0 });
  });
});
