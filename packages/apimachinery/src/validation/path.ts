/** The way to a field, as users read it: `spec.containers[0].image`, `metadata.labels[app]`. Immutable; text is made only when asked for. */
export class Path {
  readonly #parent: Path | undefined;
  readonly #step: string | number;
  readonly #isField: boolean;

  private constructor(parent: Path | undefined, step: string | number, isField: boolean) {
    this.#parent = parent;
    this.#step = step;
    this.#isField = isField;
  }

  /** A path that starts at the root: `Path.of("spec", "replicas")`. */
  static of(name: string, ...more: readonly string[]): Path {
    return new Path(undefined, name, true).child(...more);
  }

  child(...names: readonly string[]): Path {
    // Validators make many paths and show few: no text and no list more than needed.
    let path: Path = this;
    for (const name of names) path = new Path(path, name, true);
    return path;
  }

  index(index: number): Path {
    return new Path(this, index, false);
  }

  key(key: string): Path {
    return new Path(this, key, false);
  }

  toString(): string {
    const step = this.#isField ? this.#step : `[${this.#step}]`;
    if (!this.#parent) return String(step);
    return this.#isField ? `${this.#parent}.${step}` : `${this.#parent}${step}`;
  }
}
