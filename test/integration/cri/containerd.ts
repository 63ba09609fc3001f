import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCriClient } from "@tskube/cri";
import { busyboxImage, dockerArchive, type RuntimeUnderTest } from "@tskube/cri/testing";

const pluginDirs = ["/opt/cni/bin", "/usr/lib/cni"];
const pauseImage = "registry.k8s.io/pause:3.6";
const image = "docker.io/library/busybox:1.36";

/** Why containerd cannot be tested here; undefined when it can. */
export function cannotRunContainerd(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  const missing = ["containerd", "ctr", "runc"].filter(
    (name) => !["/usr/bin", "/usr/sbin", "/usr/local/bin"].some((dir) => existsSync(join(dir, name))),
  );
  if (missing.length > 0) return `needs ${missing.join(", ")}`;
  if (!pluginDir()) return "needs CNI plugins";
  return existsSync("/bin/busybox") ? undefined : "needs busybox-static";
}

const pluginDir = (): string | undefined => pluginDirs.find((dir) => existsSync(join(dir, "bridge")));

/** A containerd of its own in a network namespace of its own, with all its files in one directory. */
export async function startContainerd(): Promise<RuntimeUnderTest> {
  const netns = `tskctd-${process.pid}`;
  const dir = await mkdtemp(join(tmpdir(), "tskube-ctd-"));
  const socket = join(dir, "ctd.sock");
  execFileSync("ip", ["netns", "add", netns]);
  execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
  await mkdir(join(dir, "cni"));
  await writeFile(join(dir, "cni/10-bridge.conflist"), networkConfig(dir));
  await writeFile(join(dir, "config.toml"), daemonConfig(dir, socket));
  const log = openSync(join(dir, "log"), "a");
  const words = [`--net=/run/netns/${netns}`, "--", "containerd", "-c", join(dir, "config.toml")];
  const daemon = spawn("nsenter", words, { stdio: ["ignore", log, log] });
  closeSync(log);
  const client = createCriClient(socket);
  await ready(() => client.runtime.version());
  await importImages(dir, socket);
  return {
    client,
    image,
    logRoot: join(dir, "logs"),
    features: { events: false, processes: true },
    async close() {
      for (const { id } of await client.runtime.listPodSandbox()) await client.runtime.removePodSandbox(id);
      client.close();
      const exited = once(daemon, "exit");
      daemon.kill("SIGTERM");
      await exited;
      execFileSync("ip", ["netns", "del", netns]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function importImages(dir: string, socket: string): Promise<void> {
  const archive = join(dir, "images.tar");
  await writeFile(archive, await dockerArchive(busyboxImage([image, pauseImage])));
  execFileSync("ctr", ["-a", socket, "-n", "k8s.io", "images", "import", archive]);
}

async function ready(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}

function networkConfig(dir: string): string {
  const ranges = [[{ subnet: "10.244.78.0/24" }]];
  const ipam = { type: "host-local", dataDir: join(dir, "ipam"), ranges, routes: [{ dst: "0.0.0.0/0" }] };
  const bridge = { type: "bridge", bridge: "cni0", isGateway: true, ipMasq: false, hairpinMode: true, ipam };
  return JSON.stringify({ cniVersion: "0.4.0", name: "suite", plugins: [bridge] });
}

/** `restrict_oom_score_adj`: machines without CAP_SYS_RESOURCE, as containers are, refuse sandboxes otherwise. */
const daemonConfig = (dir: string, socket: string): string => `version = 2
root = "${dir}/root"
state = "${dir}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${pluginDir()}"
    conf_dir = "${dir}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
