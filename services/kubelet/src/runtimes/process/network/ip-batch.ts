import { runOrThrow } from "../run-command.ts";

interface Job {
  readonly lines: readonly string[];
  readonly undo: readonly string[];
  readonly settle: (error?: unknown) => void;
}

/**
 * Runs lines of `ip` commands. Requests that come while a run is under way go together into the next one: thirty pods started at once cost a few processes, not
 * thirty.
 */
export class IpBatch {
  readonly #run: (script: string) => Promise<unknown>;
  #waiting: Job[] = [];
  #isRunning = false;

  constructor(run: (script: string) => Promise<unknown> = runIp) {
    this.#run = run;
  }

  /**
   * Resolves when all lines have been run; fails when one of these lines (not another request's) fails. `undo` takes the lines back where they
   * have been run, and may fail.
   */
  run(lines: readonly string[], undo: readonly string[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, undo, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#runTogether(this.#waiting.splice(0));
    this.#isRunning = false;
  }

  async #runTogether(jobs: Job[]): Promise<void> {
    try {
      await this.#run(script(jobs.flatMap((job) => job.lines)));
      for (const job of jobs) job.settle();
    } catch (error) {
      if (jobs.length === 1) return jobs[0]?.settle(error);
      // Which request failed, `ip` does not say; those before it have been run already.
      for (const job of jobs) {
        await this.#run(script(job.undo)).catch(() => {});
        await this.#run(script(job.lines)).then(() => job.settle(), job.settle);
      }
    }
  }
}

const script = (lines: readonly string[]) => `${lines.join("\n")}\n`;

const runIp = (input: string) => runOrThrow("ip", ["-batch", "-"], { input });
