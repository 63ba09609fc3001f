import { Histogram, type MetricsRegistry } from "@tskube/base";
import type { BucketCounts } from "./bucket-counts.ts";

export interface LabelledHistogram {
  readonly labels: Readonly<Record<string, string>>;
  readonly histogram: BucketCounts;
}

export interface ReadHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly bounds: readonly number[];
  readonly registers: MetricsRegistry[];
  /** The histograms of all labels, asked for with every scrape. */
  readonly read: () => readonly LabelledHistogram[];
}

/** A histogram metric whose counts are kept elsewhere. */
export class ReadHistogram extends Histogram<string> {
  readonly #name: string;
  readonly #help: string;
  readonly #read: ReadHistogramOptions["read"];

  constructor({ name, help, labelNames, bounds, registers, read }: ReadHistogramOptions) {
    super({ name, help, labelNames: [...labelNames], buckets: [...bounds], registers });
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  /** What the registry and the base class ask for; the base class would show counts of its own. */
  async getForPromString() {
    const values = this.#read().flatMap((one) => this.#valuesOf(one));
    return { name: this.#name, help: this.#help, type: "histogram", aggregator: "sum", values };
  }

  #valuesOf({ labels: sharedLabels, histogram }: LabelledHistogram) {
    const bucket = (le: number | "+Inf", value: number) => ({
      metricName: `${this.#name}_bucket`,
      labels: { le },
      sharedLabels,
      value,
    });
    let below = 0;
    const buckets = histogram.bounds.map((bound, i) => {
      below += histogram.counts[i] as number;
      return bucket(bound, below);
    });
    return [
      ...buckets,
      bucket("+Inf", histogram.count),
      { metricName: `${this.#name}_sum`, labels: {}, sharedLabels, value: histogram.sum },
      { metricName: `${this.#name}_count`, labels: {}, sharedLabels, value: histogram.count },
    ];
  }
}
