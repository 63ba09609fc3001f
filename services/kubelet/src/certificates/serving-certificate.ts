import type { TlsContents, TlsSource } from "@tskube/component";
import type { CertificatePair } from "./certificate-store.ts";

/** A server's certificate that is replaced by each that is issued; `fallback` serves until the first one is. */
export class IssuedServingTls implements TlsSource {
  readonly #fallback: TlsSource;
  readonly #listeners = new Set<(contents: TlsContents) => void>();
  #pair: CertificatePair | undefined;

  constructor(fallback: TlsSource, initial: CertificatePair | undefined) {
    this.#fallback = fallback;
    this.#pair = initial;
    fallback.onChange(() => this.#tell());
  }

  get current(): TlsContents {
    const base = this.#fallback.current;
    return this.#pair ? { ...base, cert: this.#pair.certificate, key: this.#pair.key } : base;
  }

  use(pair: CertificatePair): void {
    this.#pair = pair;
    this.#tell();
  }

  onChange(listener: (contents: TlsContents) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#fallback.close();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.current);
  }
}
