/** Says nothing when well, throws or rejects when not. */
export type HealthCheck = () => void | Promise<void>;

/** The three questions: `livez` restarts a program, `readyz` keeps traffic away, `healthz` is the old name that asks for both. */
export type HealthEndpoint = "healthz" | "livez" | "readyz";

export interface CheckResult {
  readonly name: string;
  /** Why it failed; absent when it did not. */
  readonly error?: unknown;
}

/** A hanging check is a failed one. */
const checkTimeoutMs = 5_000;

/** Named checks in the order they were added; `ping`, which always passes, is first. */
export class HealthChecks {
  readonly #checks = new Map<string, { readonly run: HealthCheck; readonly endpoints: readonly HealthEndpoint[] }>();

  constructor() {
    this.add("ping", () => {});
  }

  /** The returned function removes the check. */
  add(
    name: string,
    run: HealthCheck,
    endpoints: readonly HealthEndpoint[] = ["healthz", "livez", "readyz"],
  ): () => void {
    this.#checks.set(name, { run, endpoints });
    return () => this.#checks.delete(name);
  }

  names(endpoint: HealthEndpoint): string[] {
    return [...this.#checks].filter(([, check]) => check.endpoints.includes(endpoint)).map(([name]) => name);
  }

  /** All checks of an endpoint at once, in order. */
  run(endpoint: HealthEndpoint, names = this.names(endpoint)): Promise<CheckResult[]> {
    return Promise.all(names.map((name) => this.#runOne(name)));
  }

  async #runOne(name: string): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("timed out")), checkTimeoutMs);
    });
    try {
      await Promise.race([this.#checks.get(name)?.run(), late]);
      return { name };
    } catch (error) {
      return { name, error };
    } finally {
      clearTimeout(timer);
    }
  }
}
