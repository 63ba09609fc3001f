import { errorMessage } from "@tskube/base";
import { StoreError } from "../../errors.ts";
import type { StoreEvent } from "../../store.ts";
import { type Tables, withSnapshot } from "./tables.ts";
import { WriteBatch } from "./write-batch.ts";

/** A piece of work on the tables: looks, adds its writes to the batch, and says what its caller gets once they are durable. */
export type CommitJob<T> = (batch: WriteBatch) => T;

interface QueuedJob {
  readonly run: CommitJob<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitterDeps {
  readonly tables: Tables;
  /** What is left on the store's disk: asked when a commit fails. */
  readonly freeBytes: () => Promise<number>;
  /** Hears of each durable commit before its writers do. */
  readonly onCommit: (events: readonly StoreEvent[], revision: number) => void;
}

const maxQueuedJobs = 10_000;
const maxBatchBytes = 16 * 1024 * 1024;

/**
 * The only writer. Jobs that arrive while a commit is on its way to the disk go together into the next one, so that
 * many writers share one sync; each is answered when its own writes are durable.
 */
export class Committer {
  readonly #deps: CommitterDeps;
  #queue: QueuedJob[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  submit<T>(run: CommitJob<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreError("closed", "store is closed"));
    if (this.#queue.length >= maxQueuedJobs) return Promise.reject(new StoreError("unavailable", "too many requests"));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, resolve: (value) => resolve(value as T), reject });
      this.#running ??= this.#drain();
    });
  }

  /** Refuses further jobs and waits for the accepted ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // lets the jobs submitted in the same breath share the first commit
    while (this.#queue.length > 0) await this.#commitNext();
    this.#running = undefined;
  }

  async #commitNext(): Promise<void> {
    const { tables, onCommit } = this.#deps;
    const answers: Array<() => void> = [];
    const jobs: QueuedJob[] = [];
    try {
      const batch = withSnapshot(tables, (snapshot) => {
        const filling = new WriteBatch(snapshot);
        while (this.#queue.length > jobs.length && filling.bytes < maxBatchBytes) {
          const job = this.#queue[jobs.length] as QueuedJob;
          jobs.push(job);
          answers.push(runJob(job, filling));
        }
        return filling;
      });
      this.#queue.splice(0, jobs.length);
      if (!batch.isEmpty) await batch.commit(tables);
      if (batch.events.length > 0) onCommit(batch.events, batch.revision);
    } catch (error) {
      const failure = await this.#commitFailure(error);
      for (const job of jobs) job.reject(failure);
      this.#queue = this.#queue.filter((job) => !jobs.includes(job));
      return;
    }
    for (const answer of answers) answer();
  }

  /** LMDB leaves out a transaction that fails as a whole, so nothing of it has been applied. */
  async #commitFailure(error: unknown): Promise<StoreError> {
    const cause = await commitCause(error);
    const message = errorMessage(cause);
    // LMDB reports a write that the full disk cut short as an input/output error.
    const isFull =
      /no space|ENOSPC|MDB_MAP_FULL|quota/i.test(message) || (await this.#deps.freeBytes()) < 2 * maxBatchBytes;
    if (isFull) return new StoreError("noSpace", "cannot commit: no space left on the store's disk", { cause });
    return new StoreError("internal", `cannot commit: ${message}`, { cause });
  }
}

function runJob(job: QueuedJob, batch: WriteBatch): () => void {
  try {
    const value = job.run(batch);
    return () => job.resolve(value);
  } catch (error) {
    return () => job.reject(error);
  }
}

/** The binding hides the reason behind a promise. */
async function commitCause(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && "commitError" in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
