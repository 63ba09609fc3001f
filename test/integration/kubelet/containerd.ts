import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxImage } from "./image.ts";

export const image = "registry.test/busybox:1";
/** Below which this test's pods have their cgroups. */
export const cgroupRoot = `/klt-${process.pid}`;
const pause = "registry.k8s.io/pause:3.6";

export interface Containerd {
  readonly socket: string;
  readonly dir: string;
  close(): Promise<void>;
}

/** Whether this machine can run containerd in a network namespace of its own. */
export function canRunContainerd(): boolean {
  const isRoot = process.getuid?.() === 0;
  return (
    isRoot &&
    ["/usr/bin/containerd", "/usr/sbin/runc", "/bin/busybox", "/usr/lib/cni/bridge"].every((path) => existsSync(path))
  );
}

/** A private containerd in a private network namespace, with one image. */
export async function startContainerd(): Promise<Containerd> {
  const dir = mkdtempSync(join(tmpdir(), "tskube-kubelet-ctd-"));
  const netns = `klt-${process.pid}`;
  for (const name of ["cni", "root", "state", "opt"]) mkdirSync(join(dir, name));
  const socket = join(dir, "containerd.sock");
  writeFileSync(join(dir, "config.toml"), config(dir, socket));
  writeFileSync(join(dir, "cni", "10-bridge.conflist"), network(dir));
  execFileSync("ip", ["netns", "add", netns]);
  execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
  const log = openSync(join(dir, "log"), "w");
  const daemon = spawn("nsenter", [`--net=/run/netns/${netns}`, "containerd", "-c", join(dir, "config.toml")], {
    stdio: ["ignore", log, log],
  });
  await untilExists(socket);
  writeFileSync(join(dir, "image.tar"), await busyboxImage([image, pause]));
  execFileSync("ctr", ["-a", socket, "-n", "k8s.io", "images", "import", join(dir, "image.tar")], { stdio: "ignore" });
  return { socket, dir, close: () => stop(daemon, dir, netns) };
}

async function stop(daemon: ChildProcess, dir: string, netns: string): Promise<void> {
  const exited = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGTERM");
  await exited;
  execFileSync("sh", [
    "-c",
    `grep -o ' ${dir}[^ ]*' /proc/self/mountinfo | sort -ru | xargs -r umount -l; ip netns del ${netns}`,
  ]);
  // Pods' cgroups are empty by now; the runtime leaves their parents.
  execFileSync("sh", [
    "-c",
    `find /sys/fs/cgroup${cgroupRoot} /sys/fs/cgroup/*${cgroupRoot} -depth -type d -exec rmdir {} \\; 2>/dev/null || true`,
  ]);
  rmSync(dir, { recursive: true, force: true });
}

async function untilExists(path: string): Promise<void> {
  for (let tries = 0; !existsSync(path); tries++) {
    if (tries > 200) throw new Error(`${path} does not appear`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function config(dir: string, socket: string): string {
  return `version = 2
root = "${dir}/root"
state = "${dir}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${dir}/cni"
`;
}

function network(dir: string): string {
  return JSON.stringify({
    cniVersion: "0.4.0",
    name: "test",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: join(dir, "ipam"),
          ranges: [[{ subnet: "10.244.9.0/24" }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  });
}
