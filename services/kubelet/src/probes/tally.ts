import type { Probe } from "@tskube/api";
import { defaults, type ProbeKind } from "./probe.ts";

/** What a probe says before its first try: alive until proven dead, not ready until proven ready. */
const initial: Readonly<Record<ProbeKind, "success" | "failure" | undefined>> = {
  liveness: "success",
  readiness: "failure",
  startup: undefined,
};

/** Turns single tries into a verdict: only so many equal ones in a row change it. Of one container; a new container begins anew. */
export class Tally {
  readonly #kind: ProbeKind;
  readonly #probe: Probe;
  #last: "success" | "failure" | undefined;
  #run = 0;
  #verdict: "success" | "failure" | undefined;
  #isDecided = false;

  constructor(kind: ProbeKind, probe: Probe) {
    this.#kind = kind;
    this.#probe = probe;
    this.#verdict = initial[kind];
  }

  get verdict(): "success" | "failure" | undefined {
    return this.#verdict;
  }

  /** Whether the verdict rests on tries and is not just what is assumed at first. */
  get isDecided(): boolean {
    return this.#isDecided;
  }

  /** Counts one try; returns whether the verdict changed. */
  add(result: "success" | "failure"): boolean {
    this.#run = result === this.#last ? this.#run + 1 : 1;
    this.#last = result;
    const needed =
      result === "success"
        ? (this.#probe.successThreshold ?? defaults.successThreshold)
        : (this.#probe.failureThreshold ?? defaults.failureThreshold);
    if (this.#run < needed) return false;
    this.#isDecided = true;
    if (this.#verdict === result) return false;
    this.#verdict = result;
    return true;
  }

  /** Nothing more to find out about this container: it started, or it is to be restarted. */
  get isSettled(): boolean {
    if (this.#kind === "readiness") return false;
    return this.#verdict === "failure" || (this.#kind === "startup" && this.#verdict === "success");
  }
}
