import type { EndpointSlice, Node, Service } from "@tskube/api";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Backend } from "../backends/backend.ts";
import { buildServicePorts, serviceNameLabel } from "../model/build-service-ports.ts";
import type { NodeTopology } from "../model/choose-endpoints.ts";
import type { AddressFamily, ServicePort } from "../model/service-port.ts";
import type { ProxyMetrics } from "./proxy-metrics.ts";

export interface ProxierOptions {
  readonly nodeName: string;
  readonly family: AddressFamily;
  /** Changes are collected for this long before they are synced. */
  readonly minSyncPeriodMs: number;
  /** Everything is synced again after this long, even without changes. */
  readonly syncPeriodMs: number;
}

export interface ProxierDeps {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ProxyMetrics;
  /** Told after each successful sync what the node now does. */
  synced(ports: readonly ServicePort[]): void;
}

/** After a failed sync the next one waits this long. */
const retryMs = 1_000;

/**
 * Turns changes of services and slices into syncs of the backend. Per service the built ports are kept, so that a change costs the work
 * of its own service; changes that come together are one sync.
 */
export class Proxier {
  readonly #options: ProxierOptions;
  readonly #deps: ProxierDeps;
  readonly #services = new Map<string, Service>();
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  readonly #built = new Map<string, readonly ServicePort[]>();
  readonly #changed = new Set<string>();
  #topology: NodeTopology;
  #wake: () => void = () => {};
  #isDirty = true;

  constructor(options: ProxierOptions, deps: ProxierDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#topology = { nodeName: options.nodeName, zone: undefined };
  }

  setService(service: Service): void {
    const key = `${service.metadata.namespace}/${service.metadata.name}`;
    this.#services.set(key, service);
    this.#mark(key);
  }

  deleteService(service: Service): void {
    const key = `${service.metadata.namespace}/${service.metadata.name}`;
    this.#services.delete(key);
    this.#mark(key);
  }

  setSlice(slice: EndpointSlice): void {
    const key = serviceKeyOf(slice);
    if (key === undefined) return;
    const slices = this.#slices.get(key) ?? new Map<string, EndpointSlice>();
    slices.set(slice.metadata.name, slice);
    this.#slices.set(key, slices);
    this.#mark(key);
  }

  deleteSlice(slice: EndpointSlice): void {
    const key = serviceKeyOf(slice);
    const slices = key === undefined ? undefined : this.#slices.get(key);
    if (key === undefined || !slices) return;
    slices.delete(slice.metadata.name);
    if (slices.size === 0) this.#slices.delete(key);
    this.#mark(key);
  }

  /** The node's zone decides which hints are for it. */
  setNode(node: Node): void {
    const zone = node.metadata.labels?.["topology.kubernetes.io/zone"];
    if (zone === this.#topology.zone) return;
    this.#topology = { nodeName: this.#options.nodeName, zone };
    for (const key of this.#services.keys()) this.#changed.add(key);
    this.#trigger();
  }

  /** Syncs until `signal` aborts. Begin only when services and slices are complete: what is missing would be taken away from the node. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      const isGood = await this.#sync(signal);
      await sleep(clock, isGood ? this.#options.minSyncPeriodMs : retryMs, signal);
      if (isGood) await this.#changeOrPeriod(signal);
    }
  }

  async #sync(signal: AbortSignal): Promise<boolean> {
    const { backend, clock, logger, metrics } = this.#deps;
    this.#isDirty = false;
    for (const key of this.#changed) this.#build(key);
    this.#changed.clear();
    const ports = [...this.#built.values()].flat();
    const startedMs = clock.monotonic();
    try {
      await backend.sync(ports, signal);
    } catch (error) {
      if (signal.aborted) return false;
      metrics.syncFailures.inc();
      logger.error({ error: errorMessage(error) }, "cannot bring the node in line with the services, trying again");
      this.#isDirty = true;
      return false;
    }
    metrics.observeSync((clock.monotonic() - startedMs) / 1000, clock.now());
    this.#deps.synced(ports);
    return true;
  }

  #build(key: string): void {
    const service = this.#services.get(key);
    const slices = [...(this.#slices.get(key)?.values() ?? [])];
    const ports = service ? buildServicePorts(service, slices, this.#topology, this.#options.family) : [];
    if (ports.length > 0) this.#built.set(key, ports);
    else this.#built.delete(key);
  }

  #mark(key: string): void {
    this.#changed.add(key);
    this.#trigger();
  }

  #trigger(): void {
    this.#isDirty = true;
    this.#wake();
  }

  #changeOrPeriod(signal: AbortSignal): Promise<void> {
    if (this.#isDirty || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener("abort", done);
        this.#wake = () => {};
        resolve();
      };
      const cancel = this.#deps.clock.after(this.#options.syncPeriodMs, done);
      signal.addEventListener("abort", done, { once: true });
      this.#wake = done;
    });
  }
}

function serviceKeyOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel];
  return name ? `${slice.metadata.namespace}/${name}` : undefined;
}
