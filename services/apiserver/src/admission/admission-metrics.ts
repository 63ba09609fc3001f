import { type Clock, Histogram, type MetricsRegistry } from "@tskube/base";
import { type AdmissionChain, createAdmissionChain } from "../registry/admission-chain.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "./plugin.ts";

type Step = "admit" | "validate";

export interface AdmissionMetricsDeps {
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
}

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

/** Upstream's figures about how long plugins, and both passes over all of them, take. */
export class AdmissionMetrics {
  readonly #clock: Clock;
  readonly #plugins: Histogram;
  readonly #steps: Histogram;

  constructor({ metrics, clock }: AdmissionMetricsDeps) {
    const registers = [metrics];
    this.#clock = clock;
    this.#plugins = new Histogram({
      name: "apiserver_admission_controller_admission_duration_seconds",
      help: "Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).",
      labelNames: ["name", "type", "operation", "rejected"],
      buckets,
      registers,
    });
    this.#steps = new Histogram({
      name: "apiserver_admission_step_admission_duration_seconds",
      help: "Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).",
      labelNames: ["type", "operation", "rejected"],
      buckets,
      registers,
    });
  }

  /** The same plugin, timed whenever it is asked. */
  plugin(plugin: AdmissionPlugin): AdmissionPlugin {
    const { name, admit, validate } = plugin;
    const timed = (type: Step, act: NonNullable<AdmissionPlugin["admit"]>): NonNullable<AdmissionPlugin["admit"]> => {
      const told = (attributes: AdmissionAttributes, startedAt: number, rejected: boolean) =>
        this.#plugins.observe(
          { name, type, operation: attributes.operation, rejected: String(rejected) },
          (this.#clock.monotonic() - startedAt) / 1000,
        );
      return (attributes, signal) => this.#timed(attributes, told, () => act.call(plugin, attributes, signal));
    };
    return {
      ...plugin,
      ...(admit && { admit: timed("admit", admit) }),
      ...(validate && { validate: timed("validate", validate) }),
    };
  }

  /** A chain of plugins whose passes are timed. */
  chain(plugins: readonly AdmissionPlugin[]): AdmissionChain {
    const { admit, validate } = createAdmissionChain(plugins);
    const timed =
      (type: Step, act: AdmissionChain["admit"]): AdmissionChain["admit"] =>
      async (attributes, signal) => {
        const told = (_attributes: AdmissionAttributes, startedAt: number, rejected: boolean) =>
          this.#steps.observe(
            { type, operation: attributes.operation, rejected: String(rejected) },
            (this.#clock.monotonic() - startedAt) / 1000,
          );
        await this.#timed(attributes, told, () => act(attributes, signal));
      };
    return { admit: timed("admit", admit), validate: timed("validate", validate) };
  }

  /** Most plugins answer at once: only what waits costs a promise. */
  #timed(
    attributes: AdmissionAttributes,
    told: (attributes: AdmissionAttributes, startedAt: number, rejected: boolean) => void,
    act: () => Promise<void> | void,
  ): Promise<void> | void {
    const startedAt = this.#clock.monotonic();
    let isRejected = true;
    let pending: Promise<void> | undefined;
    try {
      pending = act() ?? undefined;
      isRejected = false;
    } finally {
      if (!pending) told(attributes, startedAt, isRejected);
    }
    return pending?.then(
      () => told(attributes, startedAt, false),
      (error: unknown) => {
        told(attributes, startedAt, true);
        throw error;
      },
    );
  }
}
