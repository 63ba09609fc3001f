import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { aborted, type Clock, Closer, type Logger } from "@tskube/base";
import { createEventHub, serveCri } from "@tskube/cri";
import { noCgroups } from "./cgroups/cgroups.ts";
import { detectCgroups } from "./cgroups/detect.ts";
import { type Config, podForwards, streamEndpoint } from "./config.ts";
import { Containers } from "./containers/containers.ts";
import { writeAtomic } from "./files/atomic.ts";
import { openImages } from "./images/open-images.ts";
import { availableCapabilities } from "./launch/capabilities.ts";
import { createDeviceTemplate } from "./launch/devices.ts";
import { monitorScript } from "./launch/scripts.ts";
import { createToolbox } from "./launch/toolbox.ts";
import { createUnshareLauncher } from "./launch/unshare-launcher.ts";
import { createLayout, type Layout, layoutAt } from "./layout.ts";
import { lockRoot } from "./lock-root.ts";
import { createBridgeNetwork } from "./network/bridge.ts";
import { createCniNetwork } from "./network/cni.ts";
import type { PodNetwork } from "./network/network.ts";
import { createRootlessNetwork, type RootlessNetworkOptions } from "./network/rootless/rootless-network.ts";
import { checkMachine } from "./preflight.ts";
import { type Authority, enterUserNamespace, rootAuthority } from "./rootless/authority.ts";
import { createRootlessLauncher } from "./rootless/launcher.ts";
import { openRootlessNode, type RootlessNode } from "./rootless/user-namespace.ts";
import { Sandboxes } from "./sandboxes/sandboxes.ts";
import { createRuntimeService } from "./service/runtime-service.ts";
import { containerEvent } from "./service/statuses.ts";
import { createStreaming } from "./streaming/create-streaming.ts";

export interface RuntimeDeps {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Serves containers until `signal` aborts. The containers themselves go on; the next server takes them up where this one left them. */
export async function run(config: Config, { logger, clock }: RuntimeDeps, signal: AbortSignal): Promise<void> {
  await checkMachine();
  const layout = layoutAt(config.root);
  await createLayout(layout);
  await lockRoot(layout.root, clock);
  const closer = new Closer();
  try {
    const rootless = process.getuid?.() === 0 ? undefined : await openRootlessNode(layout.root);
    const authority = rootless?.authority ?? rootAuthority;
    if (rootless) logger.info({}, "not root: limits of CPU and memory are not enforced, and pods reach TCP only");
    const { launcher, script, deviceTemplate } = await prepareLaunching(layout, authority);
    const network = rootless
      ? closer.add(await createRootlessNetwork(rootlessOptions(config, layout, rootless, { logger, clock })))
      : await createNetwork(config, layout);
    const cgroups = rootless ? noCgroups : detectCgroups(readFileSync("/proc/mounts", "utf8"), config.cgroupRoot);
    const events = createEventHub();
    const sandboxes = new Sandboxes({
      dir: layout.sandboxes,
      sharedMemoryDir: config.sharedMemoryDir ?? "/dev/shm",
      network,
      cgroups,
      authority,
      clock,
      log: logger,
    });
    const containers = new Containers({
      dir: layout.containers,
      monitorScript: script,
      launcher,
      cgroups,
      authority,
      clock,
      log: logger,
      onEvent: (record, type) => events.publish(containerEvent({ sandboxes, containers, clock }, record, type)),
    });
    const inUse = () => new Set(containers.list().map(({ record }) => record.imageId));
    const images = await openImages({ layout, clock, inUse, insecureRegistries: config.insecureRegistries });
    closer.add(() => containers.close());
    closer.add(() => sandboxes.close());
    await sandboxes.recover();
    await containers.recover();

    const streaming = closer.add(
      await createStreaming({
        clock,
        logger,
        launcher,
        cgroups,
        containers,
        sandboxes,
        authority,
        scratch: layout.scratch,
        ...streamEndpoint(config),
      }),
    );
    const runtime = createRuntimeService({
      sandboxes,
      containers,
      launcher,
      network,
      cgroups,
      events,
      clock,
      deviceTemplate,
      availableCapabilities: availableCapabilities(),
      findImage: images.find,
      streaming: streaming.urls,
      version: "0.1.0",
    });
    await mkdir(dirname(config.socket), { recursive: true });
    closer.add(await serveCri(config.socket, runtime, images.service, [images.importService]));
    logger.info({ socket: config.socket, root: config.root }, "process runtime is serving");
    await aborted(signal);
  } finally {
    await closer.close();
  }
}

async function prepareLaunching(layout: Layout, { userNamespace }: Authority) {
  await rm(layout.scratch, { recursive: true, force: true });
  await mkdir(layout.scratch, { mode: 0o700 });
  const deviceTemplate = join(layout.root, "devices");
  const script = join(layout.scripts, "monitor.sh");
  const [toolbox] = await Promise.all([
    createToolbox(layout.toolbox),
    createDeviceTemplate(deviceTemplate, userNamespace === undefined),
    writeAtomic(script, monitorScript),
  ]);
  const launcher = userNamespace ? createRootlessLauncher(toolbox, userNamespace) : createUnshareLauncher(toolbox);
  return { launcher, script, deviceTemplate };
}

function createNetwork(config: Config, layout: Layout): Promise<PodNetwork> | PodNetwork {
  const { bridgeName, podCidr, cniConfDir, cniBinDir } = config;
  if (cniConfDir) return createCniNetwork({ confDir: cniConfDir, binDirs: cniBinDir, resultDir: layout.ipam });
  return createBridgeNetwork({ bridgeName, podCidr, ipamDir: layout.ipam, stateFile: join(layout.root, "pod-cidr") });
}

function rootlessOptions(
  config: Config,
  layout: Layout,
  { authority, networkNamespace }: RootlessNode,
  { logger, clock }: RuntimeDeps,
): RootlessNetworkOptions {
  const { userNamespace = "" } = authority;
  return {
    prefix: ["nsenter", ...enterUserNamespace(userNamespace), `--net=${networkNamespace}`, "--"],
    nodeAddress: config.nodeAddress ?? "",
    fixed: podForwards(config),
    podCidr: config.podCidr,
    ipamDir: layout.ipam,
    stateFile: join(layout.root, "pod-cidr"),
    clock,
    log: logger,
  };
}
