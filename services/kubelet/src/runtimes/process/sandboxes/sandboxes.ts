import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Logger } from "@tskube/base";
import { CriError, NamespaceMode, newId, notFound, nowNanos, type PodSandboxConfig } from "@tskube/cri";
import type { Cgroups } from "../cgroups/cgroups.ts";
import { writeAtomic } from "../files/atomic.ts";
import { KeyedLock } from "../keyed-lock.ts";
import type { NamespacePaths } from "../launch/spec.ts";
import type { AttachRequest, PodNetwork } from "../network/network.ts";
import { isAlive, signalProcess } from "../process-id.ts";
import { type Authority, removeTree } from "../rootless/authority.ts";
import { pauseEnded, type StartingPause, startPause } from "./pause.ts";
import {
  cgroupParent,
  decodeSandbox,
  encodeSandbox,
  namespaceOptions,
  onNodeNetwork,
  type SandboxRecord,
  sandboxFiles,
} from "./record.ts";
import { resolvConf } from "./resolv-conf.ts";

export interface SandboxesDeps {
  /** In a tmpfs: pods' /dev/shm are directories in it, which costs no mount of ours. */
  readonly sharedMemoryDir: string;
  /** Where each sandbox has its directory. */
  readonly dir: string;
  readonly network: PodNetwork;
  readonly cgroups: Cgroups;
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Logger;
}

interface LiveSandbox {
  record: SandboxRecord;
  isReady: boolean;
  stopWatching: () => void;
}

/** The node's own shared memory, which pods with the node's IPC namespace use. */
const nodeSharedMemory = "/dev/shm";

/** The pod sandboxes of a node: a directory, a process that holds the namespaces, a network, a cgroup. */
export class Sandboxes {
  readonly #deps: SandboxesDeps;
  readonly #live = new Map<string, LiveSandbox>();
  readonly #lock = new KeyedLock();
  /** Names of sandboxes being created, which two calls must not create twice. */
  readonly #reserved = new Set<string>();

  constructor(deps: SandboxesDeps) {
    this.#deps = deps;
  }

  list(): ReadonlyArray<{ readonly record: SandboxRecord; readonly isReady: boolean }> {
    return [...this.#live.values()];
  }

  find(id: string): { readonly record: SandboxRecord; readonly isReady: boolean } | undefined {
    const exact = this.#live.get(id);
    if (exact || id === "") return exact;
    const matches = [...this.#live.values()].filter(({ record }) => record.id.startsWith(id));
    return matches.length === 1 ? matches[0] : undefined;
  }

  get(id: string): { readonly record: SandboxRecord; readonly isReady: boolean } {
    const found = this.find(id);
    if (!found) throw notFound(`an error occurred when try to find sandbox "${id}"`);
    return found;
  }

  dirOf(id: string): string {
    return join(this.#deps.dir, id);
  }

  async run(config: PodSandboxConfig, runtimeHandler: string): Promise<string> {
    if (runtimeHandler) throw new CriError("INVALID_ARGUMENT", `no runtime for "${runtimeHandler}" is configured`);
    const name = sandboxName(config);
    const holder = [...this.#live.values()].find(({ record }) => sandboxName(record.config) === name);
    if (holder || this.#reserved.has(name)) {
      const by = holder ? holder.record.id : "a call under way";
      throw new CriError(
        "ALREADY_EXISTS",
        `failed to reserve sandbox name "${name}": name "${name}" is reserved for ${by}`,
      );
    }
    this.#reserved.add(name);
    const id = newId();
    try {
      await this.#create(id, config);
      return id;
    } catch (error) {
      await this.#discard(id, config);
      throw error;
    } finally {
      this.#reserved.delete(name);
    }
  }

  async #create(id: string, config: PodSandboxConfig): Promise<void> {
    const dir = this.dirOf(id);
    const { cgroups } = this.#deps;
    const ownsCgroup = !cgroups.exists(cgroupParent(config));
    await mkdir(dir, { mode: 0o711 });
    const [pause] = await Promise.all([
      startPause(pauseOptions(dir, config, this.#deps.network.sysctls), this.#deps.authority),
      cgroups.create(cgroupParent(config), undefined),
      createSharedMemory(this.shmDir(id, config)),
    ]);
    try {
      const ip = await this.#plugIn(id, config, pause);
      await writePodFiles(dir, config, ip);
      const record: SandboxRecord = {
        id,
        config,
        runtimeHandler: "",
        createdAt: nowNanos(this.#deps.clock),
        pause: pause.process,
        ip,
        isStopped: false,
        ownsCgroup,
      };
      await this.#save(record);
      await this.#watch({ record, isReady: true, stopWatching: () => {} });
    } catch (error) {
      pause.abandon();
      throw error;
    }
  }

  async #plugIn(id: string, config: PodSandboxConfig, pause: StartingPause): Promise<string> {
    if (onNodeNetwork(config)) {
      await pause.finish([]);
      return "";
    }
    const { ip, inside } = await this.#deps.network.attach(attachRequest(id, config, pause.process.pid));
    await pause.finish(inside);
    return ip;
  }

  async #discard(id: string, config: PodSandboxConfig): Promise<void> {
    this.#live.delete(id);
    if (!onNodeNetwork(config)) await this.#deps.network.detach(attachRequest(id, config, 0)).catch(() => {});
    await this.#deleteFiles(id, config);
  }

  async #save(record: SandboxRecord): Promise<void> {
    await writeAtomic(sandboxFiles(this.dirOf(record.id)).record, encodeSandbox(record));
  }

  async #watch(sandbox: LiveSandbox): Promise<void> {
    const { id, pause } = sandbox.record;
    this.#live.set(id, sandbox);
    const { ended, close } = await pauseEnded(this.dirOf(id), pause);
    sandbox.stopWatching = close;
    void ended.then(() => {
      if (sandbox.isReady) this.#deps.log.warn({ sandbox: id }, "sandbox process has ended");
      sandbox.isReady = false;
    });
  }

  /** Gives back network and namespaces. The caller has ended the containers. */
  async stop(id: string): Promise<void> {
    const known = this.find(id);
    if (!known) return;
    await this.#lock.run(known.record.id, () => this.#stop(known.record.id));
  }

  async #stop(id: string): Promise<void> {
    const sandbox = this.#live.get(id);
    if (!sandbox || sandbox.record.isStopped) return;
    const { record } = sandbox;
    sandbox.isReady = false;
    const pid = isAlive(record.pause) ? record.pause.pid : 0;
    if (!onNodeNetwork(record.config)) await this.#deps.network.detach(attachRequest(id, record.config, pid));
    sandbox.stopWatching();
    signalProcess(record.pause, "SIGKILL");
    sandbox.record = { ...record, isStopped: true };
    await this.#save(sandbox.record);
  }

  /** Stops the sandbox and deletes what is left of it. The caller has removed the containers. */
  async remove(id: string): Promise<void> {
    const known = this.find(id);
    if (!known) return;
    await this.#lock.run(known.record.id, async () => {
      const sandbox = this.#live.get(known.record.id);
      if (!sandbox) return;
      await this.#stop(sandbox.record.id);
      const { config, ownsCgroup } = sandbox.record;
      await this.#deleteFiles(sandbox.record.id, config);
      if (ownsCgroup) await this.#deps.cgroups.removeEmpty(cgroupParent(config));
      this.#live.delete(sandbox.record.id);
    });
  }

  async #deleteFiles(id: string, config: PodSandboxConfig): Promise<void> {
    await removeTree(this.dirOf(id), this.#deps.authority);
    if (namespaceOptions(config).ipc !== NamespaceMode.NODE)
      await removeTree(this.shmDir(id, config), this.#deps.authority);
  }

  /** Where the pod's shared memory lies. Without root it is on disk: nobody could tidy up /dev/shm after a user's node has been killed and its data deleted. */
  shmDir(id: string, config: PodSandboxConfig): string {
    if (namespaceOptions(config).ipc === NamespaceMode.NODE) return nodeSharedMemory;
    if (this.#deps.authority.userNamespace) return join(this.dirOf(id), "shm");
    return join(this.#deps.sharedMemoryDir, `tskube-${id.slice(0, 16)}`);
  }

  /** Paths of the namespaces that belong to the pod: what its containers join unless they ask for the node's. */
  namespaces({ config, pause }: SandboxRecord): NamespacePaths {
    const options = namespaceOptions(config);
    const path = (name: string) => `/proc/${pause.pid}/ns/${name}`;
    const { userNamespace } = this.#deps.authority;
    return {
      ...(userNamespace && { user: userNamespace }),
      ...(options.network !== NamespaceMode.NODE && { net: path("net") }),
      ...(config.hostname && { uts: path("uts") }),
      ...(options.ipc !== NamespaceMode.NODE && { ipc: path("ipc") }),
      ...(options.pid === NamespaceMode.POD && { pid: path("pid") }),
    };
  }

  /** Takes up what a former runtime left. Sandboxes whose process has gone are not ready; those half created go. */
  async recover(): Promise<void> {
    const { dir, network, authority } = this.#deps;
    for (const id of await readdir(dir)) {
      const text = await readFile(sandboxFiles(join(dir, id)).record, "utf8").catch(() => undefined);
      if (text === undefined) await rm(join(dir, id), { recursive: true, force: true });
      else {
        const record = decodeSandbox(text);
        if (authority.isFresh) signalProcess(record.pause, "SIGKILL");
        await this.#watch({
          record,
          isReady: !authority.isFresh && !record.isStopped && isAlive(record.pause),
          stopWatching: () => {},
        });
      }
    }
    const attached = [...this.#live.values()].filter(({ record }) => !record.isStopped && record.ip);
    await network.recover(
      attached.map(({ record: { id, config, pause, ip } }) => ({ request: attachRequest(id, config, pause.pid), ip })),
    );
  }

  close(): void {
    for (const sandbox of this.#live.values()) sandbox.stopWatching();
  }
}

/** Writable for all, like /dev/shm itself, whatever our umask is. */
async function createSharedMemory(dir: string): Promise<void> {
  if (dir === nodeSharedMemory) return;
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o1777);
}

function sandboxName({ metadata }: PodSandboxConfig): string {
  return [metadata?.name, metadata?.namespace, metadata?.uid, metadata?.attempt].join("_");
}

function pauseOptions(dir: string, config: PodSandboxConfig, networkSysctls: PodNetwork["sysctls"]) {
  const options = namespaceOptions(config);
  const own = onNodeNetwork(config) ? {} : networkSysctls;
  return {
    dir,
    hostname: config.hostname,
    sysctls: { ...own, ...config.linux?.sysctls },
    unshare: {
      net: options.network !== NamespaceMode.NODE,
      ipc: options.ipc !== NamespaceMode.NODE,
      pid: options.pid === NamespaceMode.POD,
    },
  };
}

function attachRequest(sandboxId: string, { metadata, portMappings }: PodSandboxConfig, pid: number): AttachRequest {
  const { name = "", namespace = "", uid = "" } = metadata ?? {};
  return { sandboxId, podName: name, podNamespace: namespace, podUid: uid, pid, portMappings };
}

/** Files that containers get at /etc unless they bring their own. */
async function writePodFiles(dir: string, config: PodSandboxConfig, ip: string): Promise<void> {
  const files = sandboxFiles(dir);
  const dns = resolvConf(config.dnsConfig) ?? (await readFile("/etc/resolv.conf", "utf8").catch(() => ""));
  const hosts = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"];
  if (ip && config.hostname) hosts.push(`${ip}\t${config.hostname}`);
  await writeFile(files.resolvConf, dns, { mode: 0o644 });
  await writeFile(files.hosts, `${hosts.join("\n")}\n`, { mode: 0o644 });
  if (config.hostname) await writeFile(files.hostname, `${config.hostname}\n`, { mode: 0o644 });
}
