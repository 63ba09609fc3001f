import type { Writable } from "node:stream";
import { type Deferred, deferred } from "../deferred.ts";
import { writeAtomic } from "../files/atomic.ts";
import type { ContainerLog } from "../logs/container-log.ts";
import type { ContainerOutput } from "../logs/output.ts";
import type { MonitorLink } from "./monitor.ts";
import { type ContainerRecord, type ContainerRun, encodeContainer, recordFile } from "./record.ts";

/** A container as the runtime knows it while it runs itself: its record, and what is open for it. */
export class LiveContainer {
  readonly dir: string;
  /** Settles when it has exited, its log complete. */
  readonly exited: Deferred<void> = deferred();
  link: MonitorLink | undefined;
  output: ContainerOutput | undefined;
  log: ContainerLog | undefined;
  /** The container's standard input, where the runtime holds it open: closing it is the end of input. */
  stdin: Writable | undefined;
  #record: ContainerRecord;

  constructor(dir: string, record: ContainerRecord) {
    this.dir = dir;
    this.#record = record;
    if (record.run.state === "exited") this.exited.resolve();
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get run(): ContainerRun {
    return this.#record.run;
  }

  /** Writes the record with this course of life, then makes it the current one. */
  async become(run: ContainerRun): Promise<void> {
    await this.save({ ...this.#record, run });
  }

  async save(record: ContainerRecord): Promise<void> {
    await writeAtomic(recordFile(this.dir), encodeContainer(record));
    this.#record = record;
  }

  /** Lets go of what is open; the container itself goes on. */
  detach(): void {
    this.output?.close();
    this.log?.close();
    this.stdin?.destroy();
  }
}
