import { baseOptions, integer, list, type OptionValues, path, text, UsageError } from "@tskube/component";
import type { Front } from "./network/rootless/fronts.ts";

export const options = {
  ...baseOptions,
  socket: path("The unix socket on which CRI v1 is served", { default: "/run/tskube/process.sock" }),
  root: path("Where images and containers are kept", { default: "/var/lib/tskube/process" }),
  podCidr: text("This node's share of the pod network; without it, the kubelet tells", { value: "cidr" }),
  bridgeName: text("The bridge that joins the pods of the node", { default: "cni0" }),
  cniConfDir: path("Take the pod network from CNI plugins configured here, instead of the built-in bridge"),
  cniBinDir: list("Where CNI plugins are", { default: ["/opt/cni/bin", "/usr/lib/cni"] }),
  streamAddress: text("Address on which exec, attach and port-forward sessions are served", { default: "127.0.0.1" }),
  streamPort: integer("Port of these sessions; 0 takes a free one", { default: 0, min: 0, max: 65535 }),
  nodeAddress: text("The node's own address, at which its pods reach it; for runtimes without root", { value: "ip" }),
  podForwards: list("Addresses in the pod network that stand for ones of the node; for runtimes without root", {
    value: "ip:port=ip:port",
  }),
  sharedMemoryDir: path(
    "A directory in a tmpfs, under which pods' /dev/shm lie; of this runtime alone, so that whoever ends the node may remove it",
  ),
  cgroupRoot: path("The part of the cgroup tree under which pods are put", { default: "/" }),
  insecureRegistries: list(
    "Registries (host or host:port) that are spoken to without TLS; those on loopback always are",
    {
      value: "hosts",
    },
  ),
};

export type Config = OptionValues<typeof options>;

/** `--stream-address` may bring its port along. */
export function streamEndpoint({ streamAddress, streamPort }: Config): { host: string; port: number } {
  const match = /^(.*):(\d+)$/.exec(streamAddress);
  if (!match || streamAddress.split(":").length > 2) return { host: streamAddress, port: streamPort };
  return { host: match[1] ?? "", port: Number(match[2]) };
}

/** `--pod-forwards`, read. */
export function podForwards({ podForwards }: Config): Front[] {
  return podForwards.map((text) => {
    const match = /^([\d.]+):(\d+)=([\d.]+):(\d+)$/.exec(text);
    if (!match) throw new UsageError(`--pod-forwards takes IP:PORT=IP:PORT, not "${text}"`);
    const [, address = "", port, to = "", toPort] = match;
    return { side: "pods", address, port: Number(port), to: { address: to, port: Number(toPort) } };
  });
}
