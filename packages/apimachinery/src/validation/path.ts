/** The way to a field, as users read it: `spec.containers[0].image`, `metadata.labels[app]`. Immutable; text is made only when asked for. */
export class Path {
  readonly #parent: Path | undefined;
  readonly #step: string;

  private constructor(parent: Path | undefined, step: string) {
    this.#parent = parent;
    this.#step = step;
  }

  /** A path that starts at the root: `Path.of("spec", "replicas")`. */
  static of(name: string, ...more: readonly string[]): Path {
    return new Path(undefined, name).child(...more);
  }

  child(...names: readonly string[]): Path {
    return names.reduce<Path>((path, name) => new Path(path, `.${name}`), this);
  }

  index(index: number): Path {
    return new Path(this, `[${index}]`);
  }

  key(key: string): Path {
    return new Path(this, `[${key}]`);
  }

  toString(): string {
    let text = this.#step;
    for (let path = this.#parent; path; path = path.#parent) text = path.#step + text;
    return text;
  }
}
