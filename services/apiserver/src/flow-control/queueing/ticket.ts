import type { RequestInfo } from "../../filters/request-info.ts";
import type { FlowQueue } from "./flow-queue.ts";
import { maxSeats, totalWork, type Work } from "./work.ts";

/** Why a request is not handled, in the words of upstream's metrics. */
export type RejectReason = "queue-full" | "concurrency-limit" | "time-out" | "cancelled";

export interface TicketSubject {
  readonly work: Work;
  readonly flowSchema: string;
  readonly distinguisher: string;
  /** Who asks what, for those who look at the queues. */
  readonly user: string;
  readonly info: RequestInfo;
}

/** One request's place in a level: it waits, is handled, and leaves; or it is sent away. */
export class Ticket {
  readonly subject: TicketSubject;
  readonly seats: number;
  readonly totalWork: number;
  readonly arrivedAtMs: number;
  /** Virtual time at which it came. */
  readonly arrivedAt: number;
  readonly queue: FlowQueue | undefined;
  state: "waiting" | "executing" | "finished" | RejectReason = "waiting";
  startedAtMs = 0;
  #settled: (() => void) | undefined;

  constructor(subject: TicketSubject, queue: FlowQueue | undefined, arrivedAtMs: number, arrivedAt: number) {
    this.subject = subject;
    this.seats = maxSeats(subject.work);
    this.totalWork = totalWork(subject.work);
    this.queue = queue;
    this.arrivedAtMs = arrivedAtMs;
    this.arrivedAt = arrivedAt;
  }

  /** Resolves when the ticket does not wait any more. */
  settled(): Promise<void> {
    if (this.state !== "waiting") return Promise.resolve();
    return new Promise((resolve) => {
      this.#settled = resolve;
    });
  }

  settle(state: Exclude<Ticket["state"], "waiting">): void {
    this.state = state;
    this.#settled?.();
  }
}
