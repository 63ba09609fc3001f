import { backoffMs, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client } from "@tskube/client";
import type { CertificatePair, CertificateStore } from "./certificate-store.ts";
import { type CertificateSubject, createRequest } from "./create-request.ts";
import { requestCertificate } from "./request-certificate.ts";

export interface CertificateManagerOptions {
  /** Names the certificate in logs and metrics: `client` or `serving`. */
  readonly name: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly subject: CertificateSubject;
  /** A certificate that somebody else made: used if the store has none, or one that ends sooner. */
  readonly initial?: CertificatePair | undefined;
}

export interface CertificateManagerDeps {
  readonly store: CertificateStore;
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  onRenewed?(pair: CertificatePair): void;
  onFailure?(): void;
}

/** A certificate may be due as soon as it is issued, to a clock that is wrong: requests must not become a flood. */
const minPauseMs = 30_000;
const backoff = { baseMs: 2_000, maxMs: 32_000, factor: 2, jitter: 0.1 };

/** Has a certificate and gets a new one, with a new key, when seven to nine tenths of its life are over. */
export class CertificateManager {
  readonly #options: CertificateManagerOptions;
  readonly #deps: CertificateManagerDeps;
  #current: CertificatePair | undefined;

  /** Throws if the store's files are broken. */
  constructor(options: CertificateManagerOptions, deps: CertificateManagerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#current = lasting(deps.store.current(), options.initial);
  }

  get current(): CertificatePair | undefined {
    return this.#current;
  }

  /** Requests certificates until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      if (this.#current) await this.#sleepUntilDue(this.#current, clock, signal);
      if (signal.aborted) return;
      await this.#renew(signal);
      await sleep(clock, minPauseMs, signal);
    }
  }

  /** Resolves when a certificate was issued, whatever number of tries that takes, or when `signal` aborts. */
  obtain(signal: AbortSignal): Promise<void> {
    return this.#renew(signal);
  }

  async #sleepUntilDue(pair: CertificatePair, clock: Clock, signal: AbortSignal): Promise<void> {
    const dueMs = renewalTime(pair, this.#deps.random());
    // In slices, so that a clock that was set or a machine that slept does not put it off.
    while (!signal.aborted && clock.now() < dueMs) {
      await sleep(clock, Math.min(longestSleepMs, dueMs - clock.now()), signal);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, logger, random } = this.#deps;
    for (let failures = 0; !signal.aborted; ) {
      try {
        return await this.#renewOnce(signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#deps.onFailure?.();
        logger.warn({ certificate: this.#options.name, reason: errorMessage(error) }, "cannot renew certificate yet");
        await sleep(clock, backoffMs(failures, { ...backoff, random }), signal);
      }
    }
  }

  async #renewOnce(signal: AbortSignal): Promise<void> {
    const { subject, signerName, usages, name } = this.#options;
    const { store, clock, logger } = this.#deps;
    const { request, key } = await createRequest(subject);
    const certificate = await requestCertificate({ signerName, usages, request }, this.#deps, signal);
    const pair = store.update(certificate, key, clock.now());
    this.#current = pair;
    logger.info({ certificate: name, notAfter: new Date(pair.notAfterMs).toISOString() }, "certificate issued");
    this.#deps.onRenewed?.(pair);
  }
}

function lasting(stored: CertificatePair | undefined, given: CertificatePair | undefined): CertificatePair | undefined {
  return stored && given && given.notAfterMs > stored.notAfterMs ? given : (stored ?? given);
}

const longestSleepMs = 60 * 60_000;

/** When a certificate is to be renewed: `share` (0 to 1) spreads that over the eighth and ninth tenth of its life, so that nodes do not all come at once. */
export function renewalTime({ notBeforeMs, notAfterMs }: CertificatePair, share: number): number {
  return notBeforeMs + (notAfterMs - notBeforeMs) * (0.7 + 0.2 * share);
}
