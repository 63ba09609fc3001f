import type { ClusterConfig, NodeConfig } from "../cluster/cluster-config.ts";
import type { NodePaths } from "../cluster/paths.ts";

export interface ContainerdOptions {
  readonly cniBinFolder: string;
  readonly cniConfFolder: string;
  /** The template from which containerd writes the CNI configuration once the kubelet tells it the node's pod CIDR. */
  readonly cniTemplate: string;
  readonly pauseImage: string;
  readonly registriesFolder: string;
  /** This process may not lower oom_score_adj (no CAP_SYS_RESOURCE): then containers must not ask for it either. */
  readonly restrictOomScore: boolean;
}

const text = (value: string): string => JSON.stringify(value);

/** containerd's configuration (version 2) for one node: everything in the node's own folders. */
export function containerdConfiguration(node: NodeConfig, at: NodePaths, options: ContainerdOptions): string {
  return `version = 2
root = ${text(`${at.runtime}/root`)}
state = ${text(`${at.runtime}/state`)}

[grpc]
  address = ${text(at.runtimeSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(`${at.runtime}/opt`)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(options.pauseImage)}
  stream_server_address = ${text(node.address)}
  stream_server_port = "10010"
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  disable_apparmor = true
  restrict_oom_score_adj = ${options.restrictOomScore}

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(options.cniBinFolder)}
    conf_dir = ${text(options.cniConfFolder)}
    conf_template = ${text(options.cniTemplate)}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = ${text(options.registriesFolder)}
`;
}

/** The CNI configuration as a template of containerd's: `{{.PodCIDR}}` is the node's share of the pod network. */
export function cniTemplate(config: ClusterConfig, ipamFolder: string): string {
  const bridge = {
    type: "bridge",
    bridge: "cni0",
    isGateway: true,
    ipMasq: false, // pods keep their address when they talk to pods of other nodes
    hairpinMode: true,
    ipam: {
      type: "host-local",
      dataDir: ipamFolder,
      ranges: [[{ subnet: "{{.PodCIDR}}" }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true } };
  return `${JSON.stringify({ cniVersion: "0.4.0", name: config.name, plugins: [bridge, portmap] }, null, 2)}\n`;
}
